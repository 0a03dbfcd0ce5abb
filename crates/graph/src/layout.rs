//! The nested layout: every scope is laid out alone, from the innermost outwards, and is a box in the scope around it.
//! No edge of the Amazon States Language crosses the border of a scope, so this is exact.
//!
//! *Not* here: the method for one scope (`layered`), drawing (`svg`).

use std::collections::HashMap;
use std::sync::Arc;

use crate::label;
use crate::layered::{self, Link, Placed, Size, Spacing};
use crate::outline::{EdgeKind, NodeKind, Outline};

/// A point in pixels, from the upper left corner of the picture.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Point {
    /// To the right.
    pub x: f64,
    /// Downwards.
    pub y: f64,
}

/// Where the flow leads.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Direction {
    /// Top to bottom.
    #[default]
    Down,
    /// Left to right.
    Right,
}

/// A picture without colours. Nodes and edges have the order of the [`Outline`].
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Layout {
    /// Where the flow leads, and so how the edges bend.
    pub direction: Direction,
    /// Width of the picture, its margin included.
    pub width: f64,
    /// Height of the picture, its margin included.
    pub height: f64,
    /// The boxes; a container comes before what is inside it.
    pub nodes: Vec<Node>,
    /// The edges.
    pub edges: Vec<Edge>,
    /// The branches of containers.
    pub lanes: Vec<Lane>,
}

/// A box.
#[derive(Clone, Debug, PartialEq)]
pub struct Node {
    /// The state's name; `Start` and `End` for the markers.
    pub name: Arc<str>,
    /// What it is.
    pub kind: NodeKind,
    /// The second line, whole.
    pub detail: Option<String>,
    /// How many Retriers it has.
    pub retriers: usize,
    /// The container it stands in, an index of [`Layout::nodes`].
    pub parent: Option<usize>,
    /// Which branch of the container.
    pub branch: usize,
    /// The upper left corner.
    pub corner: Point,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// An edge.
#[derive(Clone, Debug, PartialEq)]
pub struct Edge {
    /// Index of [`Layout::nodes`].
    pub from: usize,
    /// Index of [`Layout::nodes`].
    pub to: usize,
    /// Its sort.
    pub kind: EdgeKind,
    /// The whole text of why it is taken; empty for `Next`.
    pub text: String,
    /// Its way.
    pub points: Vec<Point>,
    /// Where its label stands, if it has one.
    pub label: Option<EdgeLabel>,
}

/// An edge's label.
#[derive(Clone, Debug, PartialEq)]
pub struct EdgeLabel {
    /// The text, cut to its room.
    pub text: String,
    /// The middle.
    pub middle: Point,
    /// Width of the room.
    pub width: f64,
    /// Height of the room.
    pub height: f64,
}

/// A branch of a Parallel, or the processor of a Map.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// The container, an index of [`Layout::nodes`].
    pub owner: usize,
    /// Which branch.
    pub branch: usize,
    /// The upper left corner.
    pub corner: Point,
    /// Width.
    pub width: f64,
    /// Height.
    pub height: f64,
}

/// Size of a name's text.
pub(crate) const NAME_SIZE: f64 = 13.0;
/// Size of a second line's and a label's text.
pub(crate) const SMALL_SIZE: f64 = 11.0;
/// The widest text in a box.
pub(crate) const MAX_TEXT: f64 = 232.0;
/// Room of a box beside its text: the icon on the left, the badge on the right.
pub(crate) const BESIDE_TEXT: f64 = 62.0;
/// The widest label.
const MAX_LABEL: f64 = 180.0;
/// Height of a container's title.
pub(crate) const TITLE: f64 = 36.0;
const MARGIN: f64 = 24.0;
const PADDING: f64 = 16.0;
const BOX_HEIGHT: f64 = 44.0;
const MIN_WIDTH: f64 = 128.0;
const MARKER: f64 = 28.0;
const LABEL_HEIGHT: f64 = 18.0;
const SPACING: Spacing = Spacing { between: 32.0, rows: 26.0 };

/// Lays a definition out.
pub fn layout(outline: &Outline, direction: Direction) -> Layout {
    let mut sizes: Vec<Size> =
        outline.nodes.iter().map(|node| box_size(node.kind, &node.name, node.detail.as_deref())).collect();
    let mut own = vec![Vec::new(); outline.scopes.len()];
    for (number, edge) in outline.edges.iter().enumerate() {
        own[outline.nodes[edge.from].scope].push(number);
    }
    let mut placed: Vec<Placed> = Vec::with_capacity(outline.scopes.len());
    for scope in (0..outline.scopes.len()).rev() {
        let done = place_scope(outline, scope, &own[scope], &sizes, direction);
        placed.push(done);
        // The scopes of one owner stand together, the first of them is done last.
        if let Some(owner) = outline.scopes[scope].owner
            && outline.nodes[owner].scopes.first() == Some(&scope)
        {
            let inner: Vec<Size> = outline.nodes[owner]
                .scopes
                .iter()
                .map(|at| placed[outline.scopes.len() - 1 - at].size)
                .collect();
            sizes[owner] = container_size(sizes[owner], &inner, direction);
        }
    }
    placed.reverse();
    assemble(outline, &own, &sizes, &placed, direction)
}

fn box_size(kind: NodeKind, name: &str, detail: Option<&str>) -> Size {
    if matches!(kind, NodeKind::Start | NodeKind::End) {
        return Size { width: 64.0, height: MARKER };
    }
    let name = label::width(name, NAME_SIZE);
    let detail = detail.map_or(0.0, |detail| label::width(detail, SMALL_SIZE));
    let text = name.max(detail).min(MAX_TEXT);
    Size { width: (text + BESIDE_TEXT).max(MIN_WIDTH).round(), height: BOX_HEIGHT }
}

fn container_size(title: Size, inner: &[Size], direction: Direction) -> Size {
    let padded = |size: &Size| (size.width + 2.0 * PADDING, size.height + 2.0 * PADDING);
    let (mut along, mut across) = (0.0, 0.0_f64);
    for (width, height) in inner.iter().map(padded) {
        let (one, other) = if direction == Direction::Down { (width, height) } else { (height, width) };
        along += one + PADDING;
        across = across.max(other);
    }
    let (width, height) = if direction == Direction::Down { (along, across) } else { (across, along) };
    let (beside, below) =
        if direction == Direction::Down { (PADDING, PADDING) } else { (2.0 * PADDING, 0.0) };
    Size { width: (width + beside).max(title.width), height: TITLE + height + below }
}

fn turned(size: Size, direction: Direction) -> Size {
    match direction {
        Direction::Down => size,
        Direction::Right => Size { width: size.height, height: size.width },
    }
}

fn place_scope(
    outline: &Outline,
    scope: usize,
    edges: &[usize],
    sizes: &[Size],
    direction: Direction,
) -> Placed {
    let nodes = &outline.scopes[scope].nodes;
    let places: HashMap<usize, usize> = nodes.iter().enumerate().map(|(at, node)| (*node, at)).collect();
    let boxes: Vec<Size> = nodes.iter().map(|node| turned(sizes[*node], direction)).collect();
    let link = |number: &usize| {
        let edge = &outline.edges[*number];
        Link {
            from: places.get(&edge.from).copied().unwrap_or(0),
            to: places.get(&edge.to).copied().unwrap_or(0),
            label: (!edge.label.is_empty()).then(|| turned(label_size(&edge.label), direction)),
            weight: weight(edge.kind),
        }
    };
    let links: Vec<Link> = edges.iter().map(link).collect();
    let start = outline.scopes[scope].start.and_then(|start| places.get(&start).copied()).unwrap_or(0);
    let mut placed = layered::place(start, &boxes, &links, SPACING);
    if direction == Direction::Right {
        placed.size = turned(placed.size, direction);
        let points =
            placed.routes.iter_mut().flat_map(|route| route.points.iter_mut().chain(route.label.as_mut()));
        for point in placed.corners.iter_mut().chain(points) {
            *point = Point { x: point.y, y: point.x };
        }
    }
    placed
}

/// The main way of the flow is straight, what goes wrong steps aside.
const fn weight(kind: EdgeKind) -> f64 {
    match kind {
        EdgeKind::Next => 8.0,
        EdgeKind::Choice => 2.0,
        EdgeKind::Catch => 0.25,
    }
}

fn label_size(text: &str) -> Size {
    let width = label::width(&label::shortened(text, SMALL_SIZE, MAX_LABEL), SMALL_SIZE);
    Size { width: (width + 12.0).round(), height: LABEL_HEIGHT }
}

fn assemble(
    outline: &Outline,
    own: &[Vec<usize>],
    sizes: &[Size],
    placed: &[Placed],
    direction: Direction,
) -> Layout {
    let whole = placed.first().map_or(Size { width: 0.0, height: 0.0 }, |placed| placed.size);
    let mut corners = vec![Point::default(); outline.nodes.len()];
    let mut lanes = Vec::new();
    let mut edges: Vec<Option<Edge>> = vec![None; outline.edges.len()];
    let mut branches = vec![0; outline.scopes.len()];
    let mut origins = vec![Point { x: MARGIN, y: MARGIN }; outline.scopes.len()];
    for (number, scope) in outline.scopes.iter().enumerate() {
        let origin = origins[number];
        for (node, corner) in scope.nodes.iter().zip(&placed[number].corners) {
            corners[*node] = moved(*corner, origin);
            let inner = &outline.nodes[*node].scopes;
            let lane_rects = lanes_of(corners[*node], sizes[*node], inner, placed, direction);
            for (branch, (at, lane)) in inner.iter().zip(lane_rects).enumerate() {
                branches[*at] = branch;
                origins[*at] = lane.2;
                let (corner, Size { width, height }) = (lane.0, lane.1);
                lanes.push(Lane { owner: *node, branch, corner, width, height });
            }
        }
        for (edge, route) in own[number].iter().zip(&placed[number].routes) {
            edges[*edge] = Some(edge_of(outline, *edge, route, origin));
        }
    }
    let node = |(at, node): (usize, &crate::outline::OutlineNode)| Node {
        name: node.name.clone(),
        kind: node.kind,
        detail: node.detail.clone(),
        retriers: node.retriers,
        parent: outline.scopes[node.scope].owner,
        branch: branches[node.scope],
        corner: corners[at],
        width: sizes[at].width,
        height: sizes[at].height,
    };
    Layout {
        direction,
        width: whole.width + 2.0 * MARGIN,
        height: whole.height + 2.0 * MARGIN,
        nodes: outline.nodes.iter().enumerate().map(node).collect(),
        edges: edges.into_iter().flatten().collect(),
        lanes,
    }
}

/// Corner and size of each lane of a container, and where what is inside it begins.
fn lanes_of(
    corner: Point,
    size: Size,
    inner: &[usize],
    placed: &[Placed],
    direction: Direction,
) -> Vec<(Point, Size, Point)> {
    let mut at = Point { x: corner.x + PADDING, y: corner.y + TITLE };
    let last = inner.len().saturating_sub(1);
    let lane = |(number, scope): (usize, &usize)| {
        let content = placed[*scope].size;
        let mut room = Size { width: content.width + 2.0 * PADDING, height: content.height + 2.0 * PADDING };
        let upper_left = at;
        match direction {
            Direction::Down => {
                room.height = size.height - TITLE - PADDING;
                if number == last {
                    room.width = room.width.max(corner.x + size.width - PADDING - at.x);
                }
                at.x += room.width + PADDING;
            }
            Direction::Right => {
                room.width = size.width - 2.0 * PADDING;
                at.y += room.height + PADDING;
            }
        }
        let begin = Point {
            x: (upper_left.x + (room.width - content.width) / 2.0).round(),
            y: upper_left.y + PADDING,
        };
        (upper_left, room, begin)
    };
    inner.iter().enumerate().map(lane).collect()
}

fn edge_of(outline: &Outline, number: usize, route: &layered::Route, origin: Point) -> Edge {
    let edge = &outline.edges[number];
    let label = route.label.map(|middle| {
        let Size { width, height } = label_size(&edge.label);
        let text = label::shortened(&edge.label, SMALL_SIZE, MAX_LABEL);
        EdgeLabel { text, middle: moved(middle, origin), width, height }
    });
    Edge {
        from: edge.from,
        to: edge.to,
        kind: edge.kind,
        text: edge.label.clone(),
        points: route.points.iter().map(|point| moved(*point, origin)).collect(),
        label,
    }
}

fn moved(point: Point, by: Point) -> Point {
    Point { x: point.x + by.x, y: point.y + by.y }
}
