//! How Step Functions writes the names of a service's model. Form of services and errors are made where the table is made;
//! those of actions and members are made here.

use std::sync::Arc;

/// `PutItem` → `putItem`, `DBInstanceIdentifier` → `dbInstanceIdentifier`: the first word loses its capitals, as it does in the
/// AWS SDK for Java 2, whose method names the actions are.
pub(crate) fn action(name: &str) -> Arc<str> {
    let letters: Vec<char> = name.chars().collect();
    let starts_word = |at: usize| letters.get(at + 1).is_some_and(|next| next.is_lowercase());
    let mut end = 1;
    while letters.get(end).is_some_and(|letter| letter.is_uppercase()) && !starts_word(end) {
        end += 1;
    }
    let lower = letters.iter().take(end).flat_map(|letter| letter.to_lowercase());
    lower.chain(letters.iter().skip(end).copied()).collect::<String>().into()
}

/// `stateMachineArn` → `StateMachineArn`, `DBInstanceIdentifier` → `DbInstanceIdentifier`, `ETag` → `ETag`.
///
/// Source: "Working with AWS services", the page of the AWS SDK integrations, says that parameters are in Pascal case and that
/// `equals` is `EqualsValue`; `ETag` and `ChecksumCRC32` are recorded, `DbInstanceIdentifier` is what workflows in use have.
pub(crate) fn shown(name: &str) -> Arc<str> {
    if name.eq_ignore_ascii_case("equals") {
        return "EqualsValue".into();
    }
    // The SDK for Java has no member `null`.
    if name == "NULL" {
        return "Nul".into();
    }
    let lower = action(name);
    let mut letters = lower.chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect::<String>().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_and_members() {
        for (name, action_name, member) in [
            ("PutItem", "putItem", "PutItem"),
            ("stateMachineArn", "stateMachineArn", "StateMachineArn"),
            ("DBInstanceIdentifier", "dbInstanceIdentifier", "DbInstanceIdentifier"),
            ("StartDBInstance", "startDBInstance", "StartDBInstance"),
            ("ETag", "eTag", "ETag"),
            ("ChecksumCRC32", "checksumCRC32", "ChecksumCRC32"),
            ("SSEKMSKeyId", "ssekmsKeyId", "SsekmsKeyId"),
            ("MD5OfMessageBody", "md5OfMessageBody", "Md5OfMessageBody"),
            ("S", "s", "S"),
            ("BOOL", "bool", "Bool"),
            ("NULL", "null", "Nul"),
            ("equals", "equals", "EqualsValue"),
            ("", "", ""),
        ] {
            assert_eq!((&*action(name), &*shown(name)), (action_name, member), "{name}");
        }
    }
}
