//! Tags of state machines and activities, by ARN. Whether the resource exists is the caller's question.

use engine::catalogue::{Refused, TagRow, merge, without};
use store::CatalogueKind;
use wire::Tag;

use super::{Catalogue, Result, write};

impl Catalogue {
    /// The tags of a resource.
    ///
    /// # Errors
    /// The store's.
    pub fn tags(&self, arn: &str) -> Result<Vec<Tag>> {
        Ok(self.row::<TagRow>(CatalogueKind::Tags, arn)?.map_or_else(Vec::new, |(row, _)| row.0))
    }

    /// Sets tags of a resource.
    ///
    /// # Errors
    /// [`Refused::TooManyTags`]; the store's.
    pub fn tag(&self, arn: &str, tags: Vec<Tag>) -> Result<()> {
        self.change_tags(arn, |present| merge(present, tags))
    }

    /// Removes the tags with these keys.
    ///
    /// # Errors
    /// The store's.
    pub fn untag(&self, arn: &str, keys: &[String]) -> Result<()> {
        self.change_tags(arn, |present| Ok(without(present, keys)))
    }

    fn change_tags(
        &self,
        arn: &str,
        change: impl FnOnce(TagRow) -> std::result::Result<TagRow, Refused>,
    ) -> Result<()> {
        let _writing = self.write_lock();
        let (present, version) = self.row(CatalogueKind::Tags, arn)?.unwrap_or_default();
        let row = change(present)?;
        Ok(self.store.catalogue_put(&[(CatalogueKind::Tags, arn.to_owned(), version, write(&row)?)])?)
    }
}
