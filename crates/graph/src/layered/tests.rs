//! The method on its own: rows, order, crossings, loops, trunks.

use super::{Link, Placed, Size, Spacing, place};

const BOX: Size = Size { width: 100.0, height: 40.0 };
const SPACING: Spacing = Spacing { between: 30.0, rows: 20.0 };

fn placed(boxes: usize, links: &[(usize, usize)]) -> Placed {
    let links: Vec<Link> =
        links.iter().map(|(from, to)| Link { from: *from, to: *to, label: None, weight: 1.0 }).collect();
    place(0, &vec![BOX; boxes], &links, SPACING)
}

#[test]
fn a_chain_is_a_straight_line() {
    let placed = placed(3, &[(0, 1), (1, 2)]);
    assert!(placed.corners.iter().all(|corner| corner.x == 0.0), "{placed:?}");
    assert_eq!(placed.corners.iter().map(|corner| corner.y).collect::<Vec<_>>(), [0.0, 60.0, 120.0]);
    assert_eq!(placed.routes[0].points.len(), 3 - 1);
}

#[test]
fn choices_stand_in_their_order_below_the_middle_of_their_parent() {
    let placed = placed(4, &[(0, 1), (0, 2), (0, 3)]);
    let x: Vec<f64> = placed.corners.iter().map(|corner| corner.x).collect();
    assert!(x[1] < x[2] && x[2] < x[3] && x[0] == x[2], "{x:?}");
}

#[test]
fn crossings_that_can_be_avoided_are() {
    // 1 leads to 4 and 2 to 3: in the order of the text they would cross.
    let placed = placed(5, &[(0, 1), (0, 2), (2, 3), (1, 4), (2, 4)]);
    assert!(placed.corners[4].x <= placed.corners[3].x, "{placed:?}");
}

#[test]
fn a_loop_leads_back_up() {
    let placed = placed(3, &[(0, 1), (1, 2), (2, 1)]);
    let back = &placed.routes[2].points;
    assert!(back[0].y > back[back.len() - 1].y);
    assert_eq!(placed.corners[2].y, 120.0);
}

#[test]
fn a_link_to_itself_stands_beside_its_box() {
    let placed = placed(1, &[(0, 0)]);
    assert!(placed.routes[0].points.iter().all(|point| point.x >= 100.0));
}

#[test]
fn links_to_one_box_share_their_way() {
    let links: Vec<(usize, usize)> =
        (0..20).map(|at| (at, at + 1)).chain((0..20).map(|at| (at, 21))).collect();
    let placed = placed(22, &links);
    let ends: std::collections::BTreeSet<i64> = placed.routes[20..]
        .iter()
        .flat_map(|route| route.points.iter().rev().nth(1))
        .map(|point| point.x as i64)
        .collect();
    assert!(ends.len() <= 2, "{ends:?}");
}

#[test]
fn a_label_has_a_row_of_its_own() {
    let label = Some(Size { width: 80.0, height: 18.0 });
    let links =
        [Link { from: 0, to: 1, label, weight: 1.0 }, Link { from: 0, to: 2, label: None, weight: 1.0 }];
    let placed = place(0, &[BOX; 3], &links, SPACING);
    let middle = placed.routes[0].label.expect("the label has a place");
    assert!(middle.y > 40.0 && middle.y < placed.corners[1].y);
    assert!(placed.routes[1].label.is_none());
}
