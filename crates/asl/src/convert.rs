//! A definition in YAML as the JSON text that the API takes. It judges nothing: that is `parse`'s work.

use crate::syntax::read_yaml;

/// The first document of a YAML text as JSON, members in their order, comments gone.
///
/// # Errors
/// When the text is not YAML; the message says why.
pub fn yaml_to_json(text: &str) -> Result<String, String> {
    let tree = read_yaml(text).map_err(|error| error.message)?;
    tree.root().map(|root| root.to_value().to_string()).ok_or_else(|| "there is no document".to_owned())
}

#[cfg(test)]
mod tests {
    use super::yaml_to_json;

    #[test]
    fn members_keep_their_order() {
        let yaml = "StartAt: B # first\nStates:\n  B: {Type: Pass, End: true, Result: [1, 1.5, 'yes', ~]}\n";
        assert_eq!(
            yaml_to_json(yaml).as_deref(),
            Ok(r#"{"StartAt":"B","States":{"B":{"Type":"Pass","End":true,"Result":[1,1.5,"yes",null]}}}"#)
        );
        assert!(yaml_to_json("a: [").is_err());
    }
}
