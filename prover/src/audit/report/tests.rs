use super::accounts::ratio;
use super::batches::gas;
use super::exact::Exact;
use super::page::Page;
use super::{Section, sections};

fn page(block: &serde_json::Value) -> String {
    let mut out = Vec::new();
    let mut page = Page::begin(&mut out).unwrap();
    page.block("run", block).unwrap();
    page.end().unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn text_in_the_data_is_never_html() {
    let evil = serde_json::json!({ "name": "</script><img src=x onerror=alert(1)><!--<script>", "id": 7 });
    let (page, blank) = (page(&evil), page(&serde_json::Value::Null));
    for tag in ["<img", "<!--", "</script", "<script"] {
        let extra = page.matches(tag).count() - blank.matches(tag).count();
        assert_eq!(extra, 0, "{tag}");
    }
    let (_, rest) = page.split_once("id=\"data-run\">").unwrap();
    let (data, _) = rest.split_once("</script>").unwrap();
    assert_eq!(serde_json::from_str::<serde_json::Value>(data).unwrap(), evil);
}

#[test]
fn the_page_loads_nothing_and_makes_no_html_of_text() {
    let page = page(&serde_json::Value::Null);
    assert!(page.contains("default-src 'none'") && page.contains("script-src 'sha256-"));
    assert!(!page.contains("unsafe-inline") && !page.contains("{{"));
    // The namespace of SVG is a name, not an address that is loaded.
    assert!(!page.replace("http://www.w3.org/2000/svg", "").contains("://"));
    for way in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "fetch("] {
        assert!(!page.contains(way), "{way}");
    }
}

#[test]
fn numbers_keep_their_digits() {
    let written = |text: &str| serde_json::to_string(&Exact::of(text)).unwrap();
    assert_eq!(written("0"), "0");
    assert_eq!(written("-12.5"), "-12.5");
    assert_eq!(written("123456789.123456"), "123456789.123456");
    assert_eq!(written("1234567890.123456"), "\"1234567890.123456\"");
    assert_eq!(written("0.0000001"), "\"0.0000001\"");
    assert_eq!(written("3 and 2 base quanta"), "\"3 and 2 base quanta\"");
}

#[test]
fn a_ratio_below_1_never_reads_as_1() {
    // M is 10^6: a value of 1 has the requirement 10^6 at the ratio 1.
    let cases = [
        (1, 1_000_000, Some(1.0)),
        (1, 1_000_001, Some(0.999)),
        (-1, 3_000_000, Some(-0.334)),
        (0, 5, Some(0.0)),
        (1, 0, None),
        (1 << 100, 1_000, Some((1u128 << 100) as f64 * 1_000.0)),
    ];
    for (value, maintenance, expected) in cases {
        assert_eq!(ratio(value, maintenance), expected, "{value} over {maintenance}");
    }
}

#[test]
fn gas_is_4_for_a_zero_byte_and_16_for_another() {
    assert_eq!(gas(&[0, 0, 1, 255, 0]), 3 * 4 + 2 * 16);
}

#[test]
fn the_verdict_in_its_own_words() {
    let text = "clean: 2 batches\n  root 0x1\n\nproven\n  nothing";
    let section = |title: &str, line: &str| Section { title: title.into(), lines: vec![line.into()] };
    assert_eq!(sections(text), [section("clean: 2 batches", "root 0x1"), section("proven", "nothing")]);
}
