// Tells the customer that the order is on its way. Called again for the same order, it says the same again.
import * as ledger from './ledger.mjs';

export async function confirm({ orderId, customer, total, currency, receipt, tracking, days }) {
  const known = ledger.read(orderId, 'confirmation');
  if (known) {
    return known;
  }
  const text = `Thank you, ${customer.name}: ${total.toFixed(2)} ${currency} paid (${receipt}), with you in ${days} days (${tracking}).`;
  console.log(`to ${customer.email}: ${text}`);
  return ledger.write(orderId, 'confirmation', { orderId, sentTo: customer.email, text });
}
