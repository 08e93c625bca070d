use super::*;

#[test]
fn the_lower_median_of_a_quorum() {
    let of = |prices: &[u64], signers| median(prices.iter().copied(), signers);
    assert_eq!(of(&[5], 1), Some(5));
    assert_eq!(of(&[0], 1), None);
    // Of an even number the lower one of the two in the middle.
    assert_eq!(of(&[9, 3], 2), Some(3));
    assert_eq!(of(&[9, 3, 7, 5], 4), Some(5));
    assert_eq!(of(&[300, 299, 301], 3), Some(300));
    // Two thirds are not more than two thirds; prices of 0 do not count.
    assert_eq!((of(&[1, 2], 3), of(&[1, 2, 0], 3), of(&[1, 2, 3], 3)), (None, None, Some(2)));
    assert_eq!(
        (of(&[1; 4], 7), of(&[1; 5], 7), of(&[1; 5], 8), of(&[1; 6], 8)),
        (None, Some(1), None, Some(1))
    );
    // Two corrupt signers of seven stay inside what the honest ones say, whichever side they lean to.
    let honest = [100, 101, 102, 103, 104];
    for corrupt in [[1, 1], [1, 9_999], [9_999, 9_999], [101, 9_999], [0, 0]] {
        let prices: Vec<u64> = honest.iter().chain(&corrupt).copied().collect();
        let price = of(&prices, 7).expect("a quorum");
        assert!((100..=104).contains(&price), "{corrupt:?} {price}");
    }
}

/// Every list of up to five prices from four values: the definition by counting.
#[test]
fn the_median_is_the_one_price_of_its_definition() {
    for number in 0..4u64.pow(5) {
        let prices: Vec<u64> = (0..5).map(|i| number / 4u64.pow(i) % 4).collect();
        let stated: Vec<u64> = prices.iter().copied().filter(|price| *price != 0).collect();
        let n = stated.len();
        let is_it = |p: &u64| {
            let at_most = stated.iter().filter(|price| *price <= p).count();
            let below = stated.iter().filter(|price| *price < p).count();
            2 * at_most >= n && 2 * below < n
        };
        let those: Vec<u64> = (1..4).filter(is_it).collect();
        let expected = (3 * n > 10).then(|| those[0]);
        assert!(n == 0 || those.len() == 1, "{prices:?}");
        assert_eq!(median(prices.iter().copied(), 5), expected, "{prices:?}");
    }
}

#[test]
fn signers_have_numbers_that_no_account_has() {
    assert_eq!(
        (signer_of(519), signer_of(520), signer_of(527), signer_of(528)),
        (None, Some(0), Some(7), None)
    );
    let item = PricesItem { index: 3, prices: [1, 2, 3, (1 << 54) - 1] };
    let word = crate::ops::Item::Prices(item).word();
    let [index, a, b, c, d] = PRICES_ITEM.unpack(word).expect("no spare bits");
    let expected = [3u64, 1, 2, 3, (1 << 54) - 1].map(crate::gadgets::word::Bits::from);
    assert_eq!([index, a, b, c, d], expected);
}
