//! Verdicts in words.

use super::document::heading_text;
use super::evidence::{Column, Evidence};
use super::rules::Ruling;
use super::sections::Section;
use super::shape::Shape;
use crate::article::blocks::Kind as BlockKind;

/// Why a value got its verdict, and where it stood: `listed in a table, column "SHA256", under "IOCs"`.
pub(super) fn of(evidence: &Evidence<'_>, ruling: &Ruling) -> String {
    let mut reason = ruling.why.to_owned();
    if !ruling.verdict.is_indicator() {
        return reason;
    }
    if let Some(column) = column(evidence) {
        reason.push_str(&column);
    } else if evidence.code && !reason.contains("in code") {
        reason.push_str(", in code");
    } else if evidence.shape == Shape::Alone && is_item(evidence) {
        reason.push_str(", in a list");
    }
    if evidence.spot.section == Section::Indicators {
        let heading = evidence
            .spot
            .heading
            .and_then(|number| heading_text(evidence.outline.blocks, number));
        if let Some(heading) = heading {
            reason.push_str(", under \"");
            reason.push_str(&heading);
            reason.push('"');
        }
    }
    reason
}

fn is_item(evidence: &Evidence<'_>) -> bool {
    let block = evidence.outline.blocks.get(evidence.find.block);
    block.is_some_and(|block| matches!(block.kind, BlockKind::ListItem { .. }))
}

fn column(evidence: &Evidence<'_>) -> Option<String> {
    if evidence.column == Column::None {
        return None;
    }
    let block = evidence.outline.blocks.get(evidence.find.block)?;
    let BlockKind::TableRow { headers, .. } = &block.kind else {
        return None;
    };
    let lines = evidence.outline.lines(evidence.find.block)?;
    let (cell, _) = lines.cell(evidence.find.span.start);
    Some(match headers.get(cell).map(|header| header.trim()) {
        Some(header) if !header.is_empty() => {
            let header: String = header.chars().take(60).collect();
            format!(", in a table, column \"{header}\"")
        }
        _ => ", in a table".to_owned(),
    })
}
