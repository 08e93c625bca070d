use super::*;
use crate::reject::Reject;
use crate::state::Mode::{Cross, Isolated};

const STANDING: Standing = Standing { account: 600, mode: Cross, used_slots: 0, changed: None };

#[test]
fn one_of_the_two_modes_is_cross() {
    for (old, new) in [(Cross, Isolated(1)), (Isolated(1), Cross), (Isolated(511), Cross)] {
        assert_eq!(apply(new, &Standing { mode: old, ..STANDING }), Ok(new));
    }
    for (old, new) in [(Cross, Cross), (Isolated(1), Isolated(1)), (Isolated(1), Isolated(2))] {
        let refusal = apply(new, &Standing { mode: old, ..STANDING }).unwrap_err();
        assert_eq!(refusal.reason, Reject::ModePath, "{old:?} {new:?}");
    }
}

#[test]
fn reasons_stand_in_order() {
    let all = Standing { account: 599, mode: Isolated(2), used_slots: 1, changed: Some(Cross) };
    let said = |standing: Standing| apply(Isolated(1), &standing).map_err(|refusal| refusal.reason);
    assert_eq!(said(all), Err(Reject::ReservedAccount));
    assert_eq!(said(Standing { account: 600, ..all }), Err(Reject::ModePath));
    assert_eq!(said(Standing { account: 600, mode: Cross, ..all }), Err(Reject::NotFlat));
    let flat = Standing { account: 600, mode: Cross, used_slots: 0, ..all };
    assert_eq!(said(flat), Err(Reject::ModeTwice));
    assert_eq!(said(Standing { changed: None, ..flat }), Ok(Isolated(1)));
}
