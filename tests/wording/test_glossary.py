from causal.wording.glossary import GLOSSARY


def test_every_term_has_one_sentence():
    for term, meaning in GLOSSARY.items():
        assert meaning[0].isupper() and meaning.endswith("."), term
        assert ". " not in meaning, term
        assert len(meaning) <= 120, term


def test_the_terms_of_the_main_job_are_explained():
    wanted = {"average effect", "confounder", "mediator", "instrument", "collider", "propensity", "overlap"}
    assert wanted <= set(GLOSSARY)
    assert {"effective sample size", "standardised difference", "interval", "standard error"} <= set(GLOSSARY)
