// Asks a person to approve an order. The answer comes later, by task token: from the command line, an SDK or the console.
import * as ledger from './ledger.mjs';

export async function notify({ orderId, amount, currency, customer, token }) {
  ledger.write(orderId, 'approval', { orderId, amount, currency, customer, token });
  console.log(`order ${orderId} of ${customer} over ${amount} ${currency} waits for approval:`);
  console.log(`  stepwell task success ${token} --output '{"approvedBy":"you"}'`);
  console.log(`  stepwell task failure ${token} --error Approval.Rejected --cause 'too expensive'`);
  return { notified: ['approvers@example.com'] };
}
