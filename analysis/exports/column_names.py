"""What columns, kinds and measures of exported files are called: in the locale of the labels, else in English."""

from collections.abc import Mapping

DEFAULT = "en"
COLUMNS: Mapping[str, Mapping[str, str]] = {
    "en": {
        "study": "Study", "wave": "Wave", "kind": "Kind", "table": "Table", "dimension": "Item",
        "dimension_label": "Question", "row": "Row", "row_label": "Row of the grid", "code": "Code", "codes": "Codes",
        "label": "Answer", "group": "Group (codes)", "group_label": "Group", "weighted_by": "Weighted by",
        "measure": "Measure", "value": "Value", "margin_95": "± (95 %)", "low_95": "From (95 %)",
        "high_95": "To (95 %)", "variance": "Variance of the noise", "reliable": "Reliable",
        "total": "Answers behind it (noisy)", "total_margin_95": "± of the answers", "abstained": "Nothing is said",
        "kish": "Design effect of the weights", "notes": "Notes", "sigma": "Sigma of the noise",
        "nano_rho": "Price (billionths of rho)", "rho": "Price (rho)", "atto_delta": "Price (10^-18 of delta)",
        "list": "List", "item": "Item", "item_label": "Question", "rank": "Rank", "phrase": "Phrase",
        "count": "Number (noisy)", "threshold": "Listed from", "most": "Phrases a person", "share": "Share",
        "of": "Of whom", "source": "Source", "status": "Checked", "substantive": "Says something",
        "several": "Several answers", "score": "A mean makes sense", "kept_of_2_32": "Kept of 2^32 draws",
        "tables": "Tables", "fact": "Fact", "sheet": "Sheet", "hypotheses": "Hypotheses", "reason": "Reason",
    },
    "zh-Hans": {
        "study": "研究", "wave": "轮次", "kind": "类别", "table": "表", "dimension": "题号",
        "dimension_label": "问题", "row": "行", "row_label": "表格题的行", "code": "代码", "codes": "多个代码",
        "label": "回答", "group": "组别（代码）", "group_label": "组别", "weighted_by": "加权依据",
        "measure": "指标", "value": "数值", "margin_95": "±（95%）", "low_95": "下限（95%）",
        "high_95": "上限（95%）", "variance": "噪声方差", "reliable": "可靠",
        "total": "回答数（含噪声）", "total_margin_95": "回答数的 ±", "abstained": "不作估计",
        "kish": "加权设计效应", "notes": "说明", "sigma": "噪声标准差",
        "nano_rho": "代价（十亿分之一 ρ）", "rho": "代价（ρ）", "atto_delta": "代价（10^-18 δ）",
        "list": "列表", "item": "题号", "item_label": "问题", "rank": "名次", "phrase": "词语",
        "count": "数目（含噪声）", "threshold": "列出门槛", "most": "每人词数", "share": "比例",
        "of": "总体", "source": "来源", "status": "核对情况", "substantive": "实质回答",
        "several": "可多选", "score": "可求均值", "kept_of_2_32": "2^32 次抽取中保留数",
        "tables": "所在的表", "fact": "事项", "sheet": "工作表", "hypotheses": "假设", "reason": "理由",
    },
    "zh-Hant": {
        "study": "研究", "wave": "輪次", "kind": "類別", "table": "表", "dimension": "題號",
        "dimension_label": "問題", "row": "列", "row_label": "表格題的列", "code": "代碼", "codes": "多個代碼",
        "label": "回答", "group": "組別（代碼）", "group_label": "組別", "weighted_by": "加權依據",
        "measure": "指標", "value": "數值", "margin_95": "±（95%）", "low_95": "下限（95%）",
        "high_95": "上限（95%）", "variance": "雜訊變異數", "reliable": "可靠",
        "total": "回答數（含雜訊）", "total_margin_95": "回答數的 ±", "abstained": "不作估計",
        "kish": "加權設計效應", "notes": "說明", "sigma": "雜訊標準差",
        "nano_rho": "代價（十億分之一 ρ）", "rho": "代價（ρ）", "atto_delta": "代價（10^-18 δ）",
        "list": "清單", "item": "題號", "item_label": "問題", "rank": "名次", "phrase": "詞語",
        "count": "數目（含雜訊）", "threshold": "列出門檻", "most": "每人詞數", "share": "比例",
        "of": "母體", "source": "來源", "status": "核對情況", "substantive": "實質回答",
        "several": "可複選", "score": "可求平均", "kept_of_2_32": "2^32 次抽取中保留數",
        "tables": "所在的表", "fact": "事項", "sheet": "工作表", "hypotheses": "假設", "reason": "理由",
    },
}  # fmt: skip
VALUES: Mapping[str, Mapping[str, str]] = {
    "zh-Hans": {
        "estimate": "估计", "cell": "单元格", "words": "词语", "public margin": "公开边际", "share": "比例",
        "mean": "均值", "median": "中位数", "top": "最高等级合计", "difference": "列表实验之差", "none": "不作估计",
        "weighted share": "加权比例", "weighted mean": "加权均值", "noisy count": "含噪声计数",
        "consistent count": "一致化计数", "phrase count": "词语计数", "public share": "公开比例",
        "too-few": "回答太少", "class-lost": "加权类别淹没在噪声中", "no": "否", "yes": "是",
        "About this release": "关于本次发布", "Code book": "代码说明", "Noisy cells": "含噪声单元格",
        "Public margins": "公开边际", "Value": "内容", "by": "按",
    },
    "zh-Hant": {
        "estimate": "估計", "cell": "儲存格", "words": "詞語", "public margin": "公開邊際", "share": "比例",
        "mean": "平均", "median": "中位數", "top": "最高等級合計", "difference": "清單實驗之差", "none": "不作估計",
        "weighted share": "加權比例", "weighted mean": "加權平均", "noisy count": "含雜訊計數",
        "consistent count": "一致化計數", "phrase count": "詞語計數", "public share": "公開比例",
        "too-few": "回答太少", "class-lost": "加權類別淹沒在雜訊中", "no": "否", "yes": "是",
        "About this release": "關於本次發佈", "Code book": "代碼說明", "Noisy cells": "含雜訊儲存格",
        "Public margins": "公開邊際", "Value": "內容", "by": "按",
    },
}  # fmt: skip
"""English values are called by their own names. No table's id (A to Z, 0 to 9, _) can be the name of a sheet here."""
MEASURES = (
    "share", "mean", "median", "top", "difference", "none", "weighted share", "weighted mean", "noisy count",
    "consistent count", "phrase count", "public share",
)  # fmt: skip
"""In the order of their numbers in Stata and SPSS files, from 1."""


def column(name: str, locale: str) -> str:
    """Return the heading of a column; a dimension's own column by its name."""
    return COLUMNS.get(locale, COLUMNS[DEFAULT]).get(name, name)


def value(name: str, locale: str) -> str:
    """Return what a kind, measure or sheet is called."""
    return VALUES.get(locale, {}).get(name, name)
