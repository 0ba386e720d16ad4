"""Documents for clients."""


def quote_pdf(quote: dict) -> bytes:
    """A quote as a document."""
    lines = ["%PDF-1.4"]
    title = quote.get("title", "Quote")
    lines.append("BT /F1 18 Tf 50 780 Td")
    lines.append(f"({title}) Tj ET")
    position = 740
    for item in quote.get("items", []):
        name = item.get("name", "")
        price = item.get("price", 0)
        lines.append(f"BT /F1 12 Tf 50 {position} Td")
        lines.append(f"({name}: {price}) Tj ET")
        position -= 20
    lines.append("%%EOF")
    return "\n".join(lines).encode()


def invoice_pdf(invoice: dict) -> bytes:
    """An invoice as a document."""
    lines = ["%PDF-1.4"]
    title = invoice.get("title", "Invoice")
    lines.append("BT /F1 18 Tf 50 780 Td")
    lines.append(f"({title}) Tj ET")
    position = 740
    for item in invoice.get("items", []):
        name = item.get("name", "")
        price = item.get("price", 0)
        lines.append(f"BT /F1 12 Tf 50 {position} Td")
        lines.append(f"({name}: {price}) Tj ET")
        position -= 20
    lines.append("%%EOF")
    return "\n".join(lines).encode()


def itinerary_pdf(trip: dict) -> bytes:
    """An itinerary as a document."""
    lines = ["%PDF-1.4"]
    title = trip.get("title", "Itinerary")
    lines.append("BT /F1 18 Tf 50 780 Td")
    lines.append(f"({title}) Tj ET")
    position = 740
    for item in trip.get("items", []):
        name = item.get("name", "")
        price = item.get("price", 0)
        lines.append(f"BT /F1 12 Tf 50 {position} Td")
        lines.append(f"({name}: {price}) Tj ET")
        position -= 20
    lines.append("%%EOF")
    return "\n".join(lines).encode()
