"""One institution's rows as they travel: its own only, small, and the same figures as in the assessment."""

from __future__ import annotations

import pickle
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evaluator.assessment import gaps
from evaluator.assessment.results import assess
from evaluator.assessment.texts import texts_of
from evaluator.findings import Finding
from evaluator.reports.context import context_of
from evaluator.reports.record import Results
from evaluator.reports.subject import Extracts, Subject, subject_of
from tests.builders import make
from tests.small import next_star

WORDS = ("what", "found", "expected", "where")


@pytest.fixture(scope="module")
def results() -> Results:
    return make(30)


@pytest.fixture(scope="module")
def subjects(results: Results) -> list[Subject]:
    context = context_of(results)
    return [subject_of(context, extract) for extract in Extracts(results)]


def test_facts_and_domains_are_the_assessments(results: Results, subjects: list[Subject]) -> None:
    found = results.assessment
    count = len(found.model.domains)
    for row, subject in enumerate(subjects):
        own = found.institutions.iloc[row]
        assert subject.facts["id"] == own["id"]
        assert subject.rated == (own["status"] == "rated")
        assert subject.facts["score"] == (own["score"] if subject.rated else None)
        frame = found.domains.iloc[row * count : (row + 1) * count]
        for line, domain in zip(subject.domains, frame.itertuples(), strict=True):
            came = pd.notna(domain.passed_levels)
            assert (line.came, line.score) == (came, domain.score if came else None)
            assert (line.coverage, line.na_share) == (domain.coverage, domain.na_share)


def test_answers_and_texts_are_the_assessments(results: Results, subjects: list[Subject]) -> None:
    found = results.assessment
    count = len(found.model.requirements)
    for row, subject in enumerate(subjects):
        own = found.answers.iloc[row * count : (row + 1) * count]
        expected = zip(own["state"], own["answer"], own["scored_as"], own["score"], strict=True)
        assert subject.answers == [(s, a, c, None if v != v else v) for s, a, c, v in expected]
        assert subject.texts == texts_of(results.texts[row])


def test_the_way_up_is_the_same_from_the_rows_alone(results: Results, subjects: list[Subject]) -> None:
    found = results.assessment
    for row, subject in enumerate(subjects):
        standing = subject.standing
        assert np.array_equal(standing.applicable, found.applicable[row])
        assert np.array_equal(standing.failed, found.failed[row])
        assert np.array_equal(standing.unproven, found.unproven[row])
        way = gaps.way_up(standing, subject.context.weights, subject.context.model.rules)
        assert way == next_star(found, row)


def test_findings_are_the_institutions_own(results: Results, subjects: list[Subject]) -> None:
    own = {subject.facts["id"]: subject.findings for subject in subjects}
    assert sum(map(len, own.values())) == len([f for f in results.findings if f.institution])
    assert all(f.institution == institution for institution, findings in own.items() for f in findings)


def test_findings_about_files_of_others_are_in_nobodys_report(results: Results) -> None:
    who, path = results.files[results.files["institution"] != ""][["institution", "path"]].iloc[0]
    stranger = results.files.iloc[[0]].assign(path="x/stranger.xlsx", institution="")
    found = [
        Finding(code="identity.mismatch", institution=who, file=file, params=dict.fromkeys(WORDS, "x"))
        for file in ("x/stranger.xlsx", path, "", "not/listed.xlsx")
    ]
    told = Extracts(replace(results, findings=tuple(found), files=pd.concat([results.files, stranger])))
    assert [f.file for extract in told for f in extract.findings] == [path, ""]


def test_an_extract_is_small_and_names_no_other_institution(results: Results) -> None:
    extracts = Extracts(results)
    ids = [institution.encode() for institution in results.assessment.institutions["id"]]
    for row, extract in enumerate(extracts):
        sent = pickle.dumps(extract)
        assert len(sent) < 40_000
        assert [n for n, institution in enumerate(ids) if institution in sent] in ([row], [])


def test_extracts_are_a_sequence(results: Results) -> None:
    extracts = Extracts(results)
    assert len(extracts) == len(results.texts)
    assert extracts[1:3] == [extracts[1], extracts[2]]
    assert extracts[-1] == extracts[len(extracts) - 1]
    with pytest.raises(IndexError):
        extracts[len(extracts)]


def test_no_institutions_have_no_extracts(results: Results) -> None:
    old = results.assessment
    nobody = assess(old.answers.iloc[:0], old.institutions.iloc[:0], old.model)
    assert list(Extracts(replace(results, assessment=nobody, texts=()))) == []
