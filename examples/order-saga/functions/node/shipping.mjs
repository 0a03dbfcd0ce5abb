// Books a carrier for an order and cancels the booking.
import * as ledger from './ledger.mjs';

const carriers = [
  { name: 'Lightfoot', maxKg: 5, days: 2 },
  { name: 'Roadway', maxKg: 80, days: 4 },
];

// `simulate.noCarrier: true` leaves no carrier for the address; `simulate.carrierHiccups: n` makes the first n calls for
// an order fail as an overloaded service would.
export async function arrange({ orderId, weightKg, address, simulate }) {
  const known = ledger.read(orderId, 'shipment');
  if (known?.status === 'BOOKED') {
    return known;
  }
  const attempt = ledger.count(orderId, 'shipment-attempts');
  if (attempt <= (simulate.carrierHiccups ?? 0)) {
    throw ledger.named('Carrier.Unavailable', `no carrier answered (attempt ${attempt})`);
  }
  const carrier = simulate.noCarrier ? undefined : carriers.find((each) => each.maxKg >= weightKg);
  if (!carrier) {
    throw ledger.named('Carrier.NotServed', `no carrier takes ${weightKg} kg to ${address.city}, ${address.country}`);
  }
  console.log(`${carrier.name} takes order ${orderId}`);
  const tracking = `${carrier.name.slice(0, 2).toUpperCase()}-${orderId}`;
  return ledger.write(orderId, 'shipment', { status: 'BOOKED', carrier: carrier.name, tracking, days: carrier.days });
}

export async function cancel({ orderId }) {
  const known = ledger.read(orderId, 'shipment');
  if (!known) {
    return { status: 'NOTHING_BOOKED' };
  }
  if (known.status === 'BOOKED') {
    console.log(`cancelled ${known.tracking}`);
    ledger.write(orderId, 'shipment', { ...known, status: 'CANCELLED' });
  }
  return { status: 'CANCELLED', tracking: known.tracking };
}
