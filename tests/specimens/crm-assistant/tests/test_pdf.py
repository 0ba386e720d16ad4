from src.services import pdf


def test_a_quote_has_its_title():
    assert b"(Rome) Tj" in pdf.quote_pdf({"title": "Rome"})
