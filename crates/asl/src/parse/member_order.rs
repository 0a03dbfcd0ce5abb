//! The order of an evaluated template's members. Not for JSONata, whose objects keep the order of their text.
//!
//! Recorded, in every template of two or more paths: the members without `.$` come first, as written, then those with it, in
//! the order in which Java's `HashMap` goes through their names (without the `.$`). A client sees it in `TaskScheduled`'s
//! parameters and wherever an array of such objects is text.

use crate::{Name, Node};

/// The smallest table of a `HashMap`.
const TABLE_MIN: u32 = 16;

/// Brings the members into the service's order.
pub(super) fn arrange(members: &mut [(Name, Node)]) {
    let is_path = |node: &Node| matches!(node, Node::Path { .. });
    members.sort_by_key(|(_, node)| is_path(node));
    let paths = members.iter().position(|(_, node)| is_path(node)).unwrap_or(members.len());
    let Some(paths) = members.get_mut(paths..) else { return };
    let table = table_size(paths.len());
    paths.sort_by_key(|(name, _)| bucket(name, table));
}

/// How many buckets a table has that has grown to hold so many names: it doubles when it is more than three quarters full.
fn table_size(names: usize) -> u32 {
    let mut size = TABLE_MIN;
    while names as u64 * 4 > u64::from(size) * 3 && size < 1 << 30 {
        size *= 2;
    }
    size
}

/// Where a table keeps a name.
fn bucket(name: &str, table: u32) -> u32 {
    let hash = name.encode_utf16().fold(0_u32, |hash, unit| hash.wrapping_mul(31).wrapping_add(unit.into()));
    (hash ^ (hash >> 16)) & (table - 1)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Expression;
    use value::Value;

    #[track_caller]
    fn check(written: &str, wanted: &str) {
        let node = |key: &str| match key.strip_suffix(".$") {
            Some(name) => {
                let expression = Expression::parse("$").unwrap();
                (Name::from(name), Node::Path { key: key.into(), expression })
            }
            None => (Name::from(key), Node::Literal(Value::Null)),
        };
        let mut members: Vec<_> = written.split(' ').map(node).collect();
        arrange(&mut members);
        let got: Vec<&str> = members.iter().map(|(name, _)| &**name).collect();
        assert_eq!(got.join(" "), wanted);
    }

    #[test]
    fn members_have_the_recorded_order() {
        check("TableName.$ Key.$", "TableName Key");
        check("encoded.$ decoded.$", "decoded encoded");
        check("a b", "a b");
        check("FunctionName.$ Payload", "Payload FunctionName");
        check("StateMachineArn.$ Input.$ Name.$", "Input StateMachineArn Name");
        check("TaskToken.$ arg1.$ arg2.$", "arg2 arg1 TaskToken");
        check(
            "original_input.$ iteration_input_value.$ iteration_index.$ from_input_constant.$ constant_value",
            "constant_value iteration_input_value from_input_constant iteration_index original_input",
        );
        // More than twelve: the table has grown.
        check(
            "context_object.$ execution.$ execution_id.$ execution_input.$ execution_name.$ execution_rolearn.$ \
             execution_starttime.$ state.$ state_enteredtime.$ state_name.$ statemachine.$ statemachine_id.$ statemachine_name.$",
            "execution execution_rolearn execution_name statemachine_id execution_id execution_input execution_starttime \
             state_name state_enteredtime statemachine state context_object statemachine_name",
        );
    }
}
