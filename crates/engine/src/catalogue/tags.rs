//! Tags of a resource: the row, and what tagging makes of it (API reference, TagResource and UntagResource).

use serde::{Deserialize, Serialize};
use wire::Tag;

use super::{MAX_TAGS, Refused};

/// A resource's tags in the order in which their keys first came. Stored by the resource's ARN.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct TagRow(pub Vec<Tag>);

/// The tags after some were set: a key that is there gets the new value.
///
/// # Errors
/// [`Refused::TooManyTags`] when there would be more than [`MAX_TAGS`].
pub fn merge(present: TagRow, given: Vec<Tag>) -> Result<TagRow, Refused> {
    let mut tags = present.0;
    for tag in given {
        match tags.iter_mut().find(|known| known.key == tag.key) {
            Some(known) => known.value = tag.value,
            None => tags.push(tag),
        }
        // Checked on the way, so that a hostile list costs no more than a full one.
        if tags.len() > MAX_TAGS {
            return Err(Refused::TooManyTags);
        }
    }
    Ok(TagRow(tags))
}

/// The tags without those of some keys.
#[must_use]
pub fn without(present: TagRow, keys: &[String]) -> TagRow {
    let gone = |tag: &Tag| tag.key.as_ref().is_some_and(|key| keys.contains(key));
    TagRow(present.0.into_iter().filter(|tag| !gone(tag)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag { key: Some(key.into()), value: Some(value.into()) }
    }

    #[test]
    fn tags_merge_by_key() {
        let one = merge(TagRow::default(), vec![tag("a", "1"), tag("b", "2")]).unwrap();
        let two = merge(one.clone(), vec![tag("a", "3"), tag("c", "4")]).unwrap();
        assert_eq!(two.0, [tag("a", "3"), tag("b", "2"), tag("c", "4")]);
        assert_eq!(without(two, &["a".into(), "a".into(), "x".into()]).0, [tag("b", "2"), tag("c", "4")]);
        let many = (0..=MAX_TAGS).map(|n| tag(&n.to_string(), "")).collect();
        assert_eq!(merge(TagRow::default(), many), Err(Refused::TooManyTags));
    }
}
