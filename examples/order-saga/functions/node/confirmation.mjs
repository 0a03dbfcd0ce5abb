// Tells the customer that the order is on its way. Called again for the same order, it says the same again.
// `simulate.mailRefused: true` makes the customer's mail server refuse, after everything else has been done.
import * as ledger from './ledger.mjs';

export async function confirm({ orderId, customer, total, currency, receipt, tracking, days, simulate = {} }) {
  const known = ledger.read(orderId, 'confirmation');
  if (known) {
    return known;
  }
  if (simulate.mailRefused) {
    const error = new Error(`${customer.email} does not take mail`);
    error.name = 'Confirmation.Refused';
    throw error;
  }
  const text = `Thank you, ${customer.name}: ${total.toFixed(2)} ${currency} paid (${receipt}), with you in ${days} days (${tracking}).`;
  console.log(`to ${customer.email}: ${text}`);
  return ledger.write(orderId, 'confirmation', { orderId, sentTo: customer.email, text });
}
