//! A definition as a picture: which boxes there are, where they stand, how the edges run; and its drawings as SVG, Mermaid, DOT
//! and text. One layout for the console, the command line and the documentation, so that all show the same picture.
//!
//! *Not* here: statuses (a caller overlays them), reading definitions (`asl`), fonts: the width of a text is estimated.

mod condition;
mod dot;
mod label;
mod layered;
mod layout;
mod mermaid;
mod outline;
mod overlay;
mod svg;
mod text;

pub use dot::dot;
pub use layout::{Direction, Edge, EdgeLabel, Lane, Layout, Node, Point, layout};
pub use mermaid::mermaid;
pub use outline::{EdgeKind, NodeKind, Outline, OutlineEdge, OutlineNode, OutlineScope, outline};
pub use overlay::{Overlay, Status};
pub use svg::{Theme, edge_arrow, edge_path, svg};
pub use text::text;
