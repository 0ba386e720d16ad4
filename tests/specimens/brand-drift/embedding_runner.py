"""Runs embeddings: asks providers, parses what they say, keeps results, writes reports, serves the command line."""

import argparse
import csv
import json
import logging
import re
from pathlib import Path

logger = logging.getLogger(__name__)


def parse_openai(text: str) -> dict[str, object]:
    """What an answer of openai says."""
    found: dict[str, object] = {}
    brand = re.search(r"Orand: (\w+)", text)
    if brand:
        found["brand"] = brand.group(1)
    if "openai" in text:
        found["self"] = text.count("openai")
    words = text.split()
    if len(words) > 40:
        words = words[: 40]
    found["words"] = len(words)
    return found


def parse_anthropic(text: str) -> dict[str, object]:
    """What an answer of anthropic says."""
    found: dict[str, object] = {}
    brand = re.search(r"Arand: (\w+)", text)
    if brand:
        found["brand"] = brand.group(1)
    if "anthropic" in text:
        found["self"] = text.count("anthropic")
    words = text.split()
    if len(words) > 43:
        words = words[: 43]
    found["words"] = len(words)
    return found


def parse_mistral(text: str) -> dict[str, object]:
    """What an answer of mistral says."""
    found: dict[str, object] = {}
    brand = re.search(r"Mrand: (\w+)", text)
    if brand:
        found["brand"] = brand.group(1)
    if "mistral" in text:
        found["self"] = text.count("mistral")
    words = text.split()
    if len(words) > 46:
        words = words[: 46]
    found["words"] = len(words)
    return found


def parse_cohere(text: str) -> dict[str, object]:
    """What an answer of cohere says."""
    found: dict[str, object] = {}
    brand = re.search(r"Crand: (\w+)", text)
    if brand:
        found["brand"] = brand.group(1)
    if "cohere" in text:
        found["self"] = text.count("cohere")
    words = text.split()
    if len(words) > 49:
        words = words[: 49]
    found["words"] = len(words)
    return found


def parse_google(text: str) -> dict[str, object]:
    """What an answer of google says."""
    found: dict[str, object] = {}
    brand = re.search(r"Grand: (\w+)", text)
    if brand:
        found["brand"] = brand.group(1)
    if "google" in text:
        found["self"] = text.count("google")
    words = text.split()
    if len(words) > 52:
        words = words[: 52]
    found["words"] = len(words)
    return found


def parse_xai(text: str) -> dict[str, object]:
    """What an answer of xai says."""
    found: dict[str, object] = {}
    brand = re.search(r"Xrand: (\w+)", text)
    if brand:
        found["brand"] = brand.group(1)
    if "xai" in text:
        found["self"] = text.count("xai")
    words = text.split()
    if len(words) > 55:
        words = words[: 55]
    found["words"] = len(words)
    return found


def parse_deepseek(text: str) -> dict[str, object]:
    """What an answer of deepseek says."""
    found: dict[str, object] = {}
    brand = re.search(r"Drand: (\w+)", text)
    if brand:
        found["brand"] = brand.group(1)
    if "deepseek" in text:
        found["self"] = text.count("deepseek")
    words = text.split()
    if len(words) > 58:
        words = words[: 58]
    found["words"] = len(words)
    return found


def parse_perplexity(text: str) -> dict[str, object]:
    """What an answer of perplexity says."""
    found: dict[str, object] = {}
    brand = re.search(r"Prand: (\w+)", text)
    if brand:
        found["brand"] = brand.group(1)
    if "perplexity" in text:
        found["self"] = text.count("perplexity")
    words = text.split()
    if len(words) > 61:
        words = words[: 61]
    found["words"] = len(words)
    return found


def parse_together(text: str) -> dict[str, object]:
    """What an answer of together says."""
    found: dict[str, object] = {}
    brand = re.search(r"Trand: (\w+)", text)
    if brand:
        found["brand"] = brand.group(1)
    if "together" in text:
        found["self"] = text.count("together")
    words = text.split()
    if len(words) > 64:
        words = words[: 64]
    found["words"] = len(words)
    return found


def parse_groq(text: str) -> dict[str, object]:
    """What an answer of groq says."""
    found: dict[str, object] = {}
    brand = re.search(r"Grand: (\w+)", text)
    if brand:
        found["brand"] = brand.group(1)
    if "groq" in text:
        found["self"] = text.count("groq")
    words = text.split()
    if len(words) > 67:
        words = words[: 67]
    found["words"] = len(words)
    return found


def parse_meta(text: str) -> dict[str, object]:
    """What an answer of meta says."""
    found: dict[str, object] = {}
    brand = re.search(r"Mrand: (\w+)", text)
    if brand:
        found["brand"] = brand.group(1)
    if "meta" in text:
        found["self"] = text.count("meta")
    words = text.split()
    if len(words) > 70:
        words = words[: 70]
    found["words"] = len(words)
    return found


def parse_amazon(text: str) -> dict[str, object]:
    """What an answer of amazon says."""
    found: dict[str, object] = {}
    brand = re.search(r"Arand: (\w+)", text)
    if brand:
        found["brand"] = brand.group(1)
    if "amazon" in text:
        found["self"] = text.count("amazon")
    words = text.split()
    if len(words) > 73:
        words = words[: 73]
    found["words"] = len(words)
    return found


def sentiment_of(answers: list[str]) -> float:
    """The sentiment of answers, from 0 to 1."""
    if not answers:
        return 0.0
    hits = sum(1 for answer in answers if "sentiment" in answer.lower())
    share = hits / len(answers)
    if share > 0.90:
        logger.info("sentiment is high: %s", share)
    return round(share, 3)


def recall_of(answers: list[str]) -> float:
    """The recall of answers, from 0 to 1."""
    if not answers:
        return 0.0
    hits = sum(1 for answer in answers if "recall" in answer.lower())
    share = hits / len(answers)
    if share > 0.89:
        logger.info("recall is high: %s", share)
    return round(share, 3)


def breadth_of(answers: list[str]) -> float:
    """The breadth of answers, from 0 to 1."""
    if not answers:
        return 0.0
    hits = sum(1 for answer in answers if "breadth" in answer.lower())
    share = hits / len(answers)
    if share > 0.88:
        logger.info("breadth is high: %s", share)
    return round(share, 3)


def depth_of(answers: list[str]) -> float:
    """The depth of answers, from 0 to 1."""
    if not answers:
        return 0.0
    hits = sum(1 for answer in answers if "depth" in answer.lower())
    share = hits / len(answers)
    if share > 0.87:
        logger.info("depth is high: %s", share)
    return round(share, 3)


def tone_of(answers: list[str]) -> float:
    """The tone of answers, from 0 to 1."""
    if not answers:
        return 0.0
    hits = sum(1 for answer in answers if "tone" in answer.lower())
    share = hits / len(answers)
    if share > 0.86:
        logger.info("tone is high: %s", share)
    return round(share, 3)


def novelty_of(answers: list[str]) -> float:
    """The novelty of answers, from 0 to 1."""
    if not answers:
        return 0.0
    hits = sum(1 for answer in answers if "novelty" in answer.lower())
    share = hits / len(answers)
    if share > 0.85:
        logger.info("novelty is high: %s", share)
    return round(share, 3)


def authority_of(answers: list[str]) -> float:
    """The authority of answers, from 0 to 1."""
    if not answers:
        return 0.0
    hits = sum(1 for answer in answers if "authority" in answer.lower())
    share = hits / len(answers)
    if share > 0.84:
        logger.info("authority is high: %s", share)
    return round(share, 3)


def clarity_of(answers: list[str]) -> float:
    """The clarity of answers, from 0 to 1."""
    if not answers:
        return 0.0
    hits = sum(1 for answer in answers if "clarity" in answer.lower())
    share = hits / len(answers)
    if share > 0.83:
        logger.info("clarity is high: %s", share)
    return round(share, 3)


def trust_of(answers: list[str]) -> float:
    """The trust of answers, from 0 to 1."""
    if not answers:
        return 0.0
    hits = sum(1 for answer in answers if "trust" in answer.lower())
    share = hits / len(answers)
    if share > 0.82:
        logger.info("trust is high: %s", share)
    return round(share, 3)


def reach_of(answers: list[str]) -> float:
    """The reach of answers, from 0 to 1."""
    if not answers:
        return 0.0
    hits = sum(1 for answer in answers if "reach" in answer.lower())
    share = hits / len(answers)
    if share > 0.81:
        logger.info("reach is high: %s", share)
    return round(share, 3)


def freshness_of(answers: list[str]) -> float:
    """The freshness of answers, from 0 to 1."""
    if not answers:
        return 0.0
    hits = sum(1 for answer in answers if "freshness" in answer.lower())
    share = hits / len(answers)
    if share > 0.80:
        logger.info("freshness is high: %s", share)
    return round(share, 3)


def overlap_of(answers: list[str]) -> float:
    """The overlap of answers, from 0 to 1."""
    if not answers:
        return 0.0
    hits = sum(1 for answer in answers if "overlap" in answer.lower())
    share = hits / len(answers)
    if share > 0.79:
        logger.info("overlap is high: %s", share)
    return round(share, 3)


def consensus_of(answers: list[str]) -> float:
    """The consensus of answers, from 0 to 1."""
    if not answers:
        return 0.0
    hits = sum(1 for answer in answers if "consensus" in answer.lower())
    share = hits / len(answers)
    if share > 0.78:
        logger.info("consensus is high: %s", share)
    return round(share, 3)


def polarity_of(answers: list[str]) -> float:
    """The polarity of answers, from 0 to 1."""
    if not answers:
        return 0.0
    hits = sum(1 for answer in answers if "polarity" in answer.lower())
    share = hits / len(answers)
    if share > 0.77:
        logger.info("polarity is high: %s", share)
    return round(share, 3)


def write_summary(folder: Path, rows: list[dict[str, object]]) -> Path:
    """The summary as a file."""
    target = folder / "summary.csv"
    columns = sorted({column for row in rows for column in row})
    with target.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for row in rows[: 100]:
            writer.writerow(row)
    logger.info("summary has %d rows", len(rows))
    return target


def write_ranking(folder: Path, rows: list[dict[str, object]]) -> Path:
    """The ranking as a file."""
    target = folder / "ranking.csv"
    columns = sorted({column for row in rows for column in row})
    with target.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for row in rows[: 150]:
            writer.writerow(row)
    logger.info("ranking has %d rows", len(rows))
    return target


def write_trend(folder: Path, rows: list[dict[str, object]]) -> Path:
    """The trend as a file."""
    target = folder / "trend.csv"
    columns = sorted({column for row in rows for column in row})
    with target.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for row in rows[: 200]:
            writer.writerow(row)
    logger.info("trend has %d rows", len(rows))
    return target


def write_alert(folder: Path, rows: list[dict[str, object]]) -> Path:
    """The alert as a file."""
    target = folder / "alert.csv"
    columns = sorted({column for row in rows for column in row})
    with target.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for row in rows[: 250]:
            writer.writerow(row)
    logger.info("alert has %d rows", len(rows))
    return target


def write_detail(folder: Path, rows: list[dict[str, object]]) -> Path:
    """The detail as a file."""
    target = folder / "detail.csv"
    columns = sorted({column for row in rows for column in row})
    with target.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for row in rows[: 300]:
            writer.writerow(row)
    logger.info("detail has %d rows", len(rows))
    return target


def write_export(folder: Path, rows: list[dict[str, object]]) -> Path:
    """The export as a file."""
    target = folder / "export.csv"
    columns = sorted({column for row in rows for column in row})
    with target.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for row in rows[: 350]:
            writer.writerow(row)
    logger.info("export has %d rows", len(rows))
    return target


def write_compare(folder: Path, rows: list[dict[str, object]]) -> Path:
    """The compare as a file."""
    target = folder / "compare.csv"
    columns = sorted({column for row in rows for column in row})
    with target.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for row in rows[: 400]:
            writer.writerow(row)
    logger.info("compare has %d rows", len(rows))
    return target


def write_history(folder: Path, rows: list[dict[str, object]]) -> Path:
    """The history as a file."""
    target = folder / "history.csv"
    columns = sorted({column for row in rows for column in row})
    with target.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for row in rows[: 450]:
            writer.writerow(row)
    logger.info("history has %d rows", len(rows))
    return target


def write_weekly(folder: Path, rows: list[dict[str, object]]) -> Path:
    """The weekly as a file."""
    target = folder / "weekly.csv"
    columns = sorted({column for row in rows for column in row})
    with target.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for row in rows[: 500]:
            writer.writerow(row)
    logger.info("weekly has %d rows", len(rows))
    return target


def write_monthly(folder: Path, rows: list[dict[str, object]]) -> Path:
    """The monthly as a file."""
    target = folder / "monthly.csv"
    columns = sorted({column for row in rows for column in row})
    with target.open("w", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        for row in rows[: 550]:
            writer.writerow(row)
    logger.info("monthly has %d rows", len(rows))
    return target


class BrandStore:
    """Keeps each brand in a file of its own."""

    def __init__(self, folder: Path):
        self.folder = folder / "brands"
        self.folder.mkdir(parents=True, exist_ok=True)

    def path_of(self, name: str) -> Path:
        """Where a brand is."""
        safe = re.sub(r"[^a-z0-9]+", "-", name.lower())
        return self.folder / f"{safe}.json"

    def keep(self, name: str, brand: dict[str, object]) -> None:
        """Keeps a brand."""
        self.path_of(name).write_text(json.dumps(brand, indent=2))

    def load(self, name: str) -> dict[str, object] | None:
        """A brand, where there is one."""
        path = self.path_of(name)
        if not path.exists():
            return None
        return json.loads(path.read_text())

    def names(self) -> list[str]:
        """The names of all."""
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def drop(self, name: str) -> bool:
        """Removes a brand."""
        path = self.path_of(name)
        if path.exists():
            path.unlink()
            return True
        return False


class DomainStore:
    """Keeps each domain in a file of its own."""

    def __init__(self, folder: Path):
        self.folder = folder / "domains"
        self.folder.mkdir(parents=True, exist_ok=True)

    def path_of(self, name: str) -> Path:
        """Where a domain is."""
        safe = re.sub(r"[^a-z0-9]+", "-", name.lower())
        return self.folder / f"{safe}.json"

    def keep(self, name: str, domain: dict[str, object]) -> None:
        """Keeps a domain."""
        self.path_of(name).write_text(json.dumps(domain, indent=2))

    def load(self, name: str) -> dict[str, object] | None:
        """A domain, where there is one."""
        path = self.path_of(name)
        if not path.exists():
            return None
        return json.loads(path.read_text())

    def names(self) -> list[str]:
        """The names of all."""
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def drop(self, name: str) -> bool:
        """Removes a domain."""
        path = self.path_of(name)
        if path.exists():
            path.unlink()
            return True
        return False


class AnswerStore:
    """Keeps each answer in a file of its own."""

    def __init__(self, folder: Path):
        self.folder = folder / "answers"
        self.folder.mkdir(parents=True, exist_ok=True)

    def path_of(self, name: str) -> Path:
        """Where a answer is."""
        safe = re.sub(r"[^a-z0-9]+", "-", name.lower())
        return self.folder / f"{safe}.json"

    def keep(self, name: str, answer: dict[str, object]) -> None:
        """Keeps a answer."""
        self.path_of(name).write_text(json.dumps(answer, indent=2))

    def load(self, name: str) -> dict[str, object] | None:
        """A answer, where there is one."""
        path = self.path_of(name)
        if not path.exists():
            return None
        return json.loads(path.read_text())

    def names(self) -> list[str]:
        """The names of all."""
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def drop(self, name: str) -> bool:
        """Removes a answer."""
        path = self.path_of(name)
        if path.exists():
            path.unlink()
            return True
        return False


class ModelStore:
    """Keeps each model in a file of its own."""

    def __init__(self, folder: Path):
        self.folder = folder / "models"
        self.folder.mkdir(parents=True, exist_ok=True)

    def path_of(self, name: str) -> Path:
        """Where a model is."""
        safe = re.sub(r"[^a-z0-9]+", "-", name.lower())
        return self.folder / f"{safe}.json"

    def keep(self, name: str, model: dict[str, object]) -> None:
        """Keeps a model."""
        self.path_of(name).write_text(json.dumps(model, indent=2))

    def load(self, name: str) -> dict[str, object] | None:
        """A model, where there is one."""
        path = self.path_of(name)
        if not path.exists():
            return None
        return json.loads(path.read_text())

    def names(self) -> list[str]:
        """The names of all."""
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def drop(self, name: str) -> bool:
        """Removes a model."""
        path = self.path_of(name)
        if path.exists():
            path.unlink()
            return True
        return False


class PromptStore:
    """Keeps each prompt in a file of its own."""

    def __init__(self, folder: Path):
        self.folder = folder / "prompts"
        self.folder.mkdir(parents=True, exist_ok=True)

    def path_of(self, name: str) -> Path:
        """Where a prompt is."""
        safe = re.sub(r"[^a-z0-9]+", "-", name.lower())
        return self.folder / f"{safe}.json"

    def keep(self, name: str, prompt: dict[str, object]) -> None:
        """Keeps a prompt."""
        self.path_of(name).write_text(json.dumps(prompt, indent=2))

    def load(self, name: str) -> dict[str, object] | None:
        """A prompt, where there is one."""
        path = self.path_of(name)
        if not path.exists():
            return None
        return json.loads(path.read_text())

    def names(self) -> list[str]:
        """The names of all."""
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def drop(self, name: str) -> bool:
        """Removes a prompt."""
        path = self.path_of(name)
        if path.exists():
            path.unlink()
            return True
        return False


class RunStore:
    """Keeps each run in a file of its own."""

    def __init__(self, folder: Path):
        self.folder = folder / "runs"
        self.folder.mkdir(parents=True, exist_ok=True)

    def path_of(self, name: str) -> Path:
        """Where a run is."""
        safe = re.sub(r"[^a-z0-9]+", "-", name.lower())
        return self.folder / f"{safe}.json"

    def keep(self, name: str, run: dict[str, object]) -> None:
        """Keeps a run."""
        self.path_of(name).write_text(json.dumps(run, indent=2))

    def load(self, name: str) -> dict[str, object] | None:
        """A run, where there is one."""
        path = self.path_of(name)
        if not path.exists():
            return None
        return json.loads(path.read_text())

    def names(self) -> list[str]:
        """The names of all."""
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def drop(self, name: str) -> bool:
        """Removes a run."""
        path = self.path_of(name)
        if path.exists():
            path.unlink()
            return True
        return False


class ScoreStore:
    """Keeps each score in a file of its own."""

    def __init__(self, folder: Path):
        self.folder = folder / "scores"
        self.folder.mkdir(parents=True, exist_ok=True)

    def path_of(self, name: str) -> Path:
        """Where a score is."""
        safe = re.sub(r"[^a-z0-9]+", "-", name.lower())
        return self.folder / f"{safe}.json"

    def keep(self, name: str, score: dict[str, object]) -> None:
        """Keeps a score."""
        self.path_of(name).write_text(json.dumps(score, indent=2))

    def load(self, name: str) -> dict[str, object] | None:
        """A score, where there is one."""
        path = self.path_of(name)
        if not path.exists():
            return None
        return json.loads(path.read_text())

    def names(self) -> list[str]:
        """The names of all."""
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def drop(self, name: str) -> bool:
        """Removes a score."""
        path = self.path_of(name)
        if path.exists():
            path.unlink()
            return True
        return False


class VectorStore:
    """Keeps each vector in a file of its own."""

    def __init__(self, folder: Path):
        self.folder = folder / "vectors"
        self.folder.mkdir(parents=True, exist_ok=True)

    def path_of(self, name: str) -> Path:
        """Where a vector is."""
        safe = re.sub(r"[^a-z0-9]+", "-", name.lower())
        return self.folder / f"{safe}.json"

    def keep(self, name: str, vector: dict[str, object]) -> None:
        """Keeps a vector."""
        self.path_of(name).write_text(json.dumps(vector, indent=2))

    def load(self, name: str) -> dict[str, object] | None:
        """A vector, where there is one."""
        path = self.path_of(name)
        if not path.exists():
            return None
        return json.loads(path.read_text())

    def names(self) -> list[str]:
        """The names of all."""
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def drop(self, name: str) -> bool:
        """Removes a vector."""
        path = self.path_of(name)
        if path.exists():
            path.unlink()
            return True
        return False


class ClusterStore:
    """Keeps each cluster in a file of its own."""

    def __init__(self, folder: Path):
        self.folder = folder / "clusters"
        self.folder.mkdir(parents=True, exist_ok=True)

    def path_of(self, name: str) -> Path:
        """Where a cluster is."""
        safe = re.sub(r"[^a-z0-9]+", "-", name.lower())
        return self.folder / f"{safe}.json"

    def keep(self, name: str, cluster: dict[str, object]) -> None:
        """Keeps a cluster."""
        self.path_of(name).write_text(json.dumps(cluster, indent=2))

    def load(self, name: str) -> dict[str, object] | None:
        """A cluster, where there is one."""
        path = self.path_of(name)
        if not path.exists():
            return None
        return json.loads(path.read_text())

    def names(self) -> list[str]:
        """The names of all."""
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def drop(self, name: str) -> bool:
        """Removes a cluster."""
        path = self.path_of(name)
        if path.exists():
            path.unlink()
            return True
        return False


class TenantStore:
    """Keeps each tenant in a file of its own."""

    def __init__(self, folder: Path):
        self.folder = folder / "tenants"
        self.folder.mkdir(parents=True, exist_ok=True)

    def path_of(self, name: str) -> Path:
        """Where a tenant is."""
        safe = re.sub(r"[^a-z0-9]+", "-", name.lower())
        return self.folder / f"{safe}.json"

    def keep(self, name: str, tenant: dict[str, object]) -> None:
        """Keeps a tenant."""
        self.path_of(name).write_text(json.dumps(tenant, indent=2))

    def load(self, name: str) -> dict[str, object] | None:
        """A tenant, where there is one."""
        path = self.path_of(name)
        if not path.exists():
            return None
        return json.loads(path.read_text())

    def names(self) -> list[str]:
        """The names of all."""
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def drop(self, name: str) -> bool:
        """Removes a tenant."""
        path = self.path_of(name)
        if path.exists():
            path.unlink()
            return True
        return False


class ReportStore:
    """Keeps each report in a file of its own."""

    def __init__(self, folder: Path):
        self.folder = folder / "reports"
        self.folder.mkdir(parents=True, exist_ok=True)

    def path_of(self, name: str) -> Path:
        """Where a report is."""
        safe = re.sub(r"[^a-z0-9]+", "-", name.lower())
        return self.folder / f"{safe}.json"

    def keep(self, name: str, report: dict[str, object]) -> None:
        """Keeps a report."""
        self.path_of(name).write_text(json.dumps(report, indent=2))

    def load(self, name: str) -> dict[str, object] | None:
        """A report, where there is one."""
        path = self.path_of(name)
        if not path.exists():
            return None
        return json.loads(path.read_text())

    def names(self) -> list[str]:
        """The names of all."""
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def drop(self, name: str) -> bool:
        """Removes a report."""
        path = self.path_of(name)
        if path.exists():
            path.unlink()
            return True
        return False


class AlertStore:
    """Keeps each alert in a file of its own."""

    def __init__(self, folder: Path):
        self.folder = folder / "alerts"
        self.folder.mkdir(parents=True, exist_ok=True)

    def path_of(self, name: str) -> Path:
        """Where a alert is."""
        safe = re.sub(r"[^a-z0-9]+", "-", name.lower())
        return self.folder / f"{safe}.json"

    def keep(self, name: str, alert: dict[str, object]) -> None:
        """Keeps a alert."""
        self.path_of(name).write_text(json.dumps(alert, indent=2))

    def load(self, name: str) -> dict[str, object] | None:
        """A alert, where there is one."""
        path = self.path_of(name)
        if not path.exists():
            return None
        return json.loads(path.read_text())

    def names(self) -> list[str]:
        """The names of all."""
        return sorted(path.stem for path in self.folder.glob("*.json"))

    def drop(self, name: str) -> bool:
        """Removes a alert."""
        path = self.path_of(name)
        if path.exists():
            path.unlink()
            return True
        return False


def command_brand(arguments: argparse.Namespace) -> int:
    """Shows or drops a brand."""
    store = BrandStore(Path(arguments.folder))
    if arguments.drop:
        return 0 if store.drop(arguments.name) else 1
    found = store.load(arguments.name)
    if found is None:
        logger.warning("no brand %s", arguments.name)
        return 1
    print(json.dumps(found))
    return 0


def command_domain(arguments: argparse.Namespace) -> int:
    """Shows or drops a domain."""
    store = DomainStore(Path(arguments.folder))
    if arguments.drop:
        return 0 if store.drop(arguments.name) else 2
    found = store.load(arguments.name)
    if found is None:
        logger.warning("no domain %s", arguments.name)
        return 2
    print(json.dumps(found))
    return 0


def command_answer(arguments: argparse.Namespace) -> int:
    """Shows or drops a answer."""
    store = AnswerStore(Path(arguments.folder))
    if arguments.drop:
        return 0 if store.drop(arguments.name) else 3
    found = store.load(arguments.name)
    if found is None:
        logger.warning("no answer %s", arguments.name)
        return 3
    print(json.dumps(found))
    return 0


def command_model(arguments: argparse.Namespace) -> int:
    """Shows or drops a model."""
    store = ModelStore(Path(arguments.folder))
    if arguments.drop:
        return 0 if store.drop(arguments.name) else 4
    found = store.load(arguments.name)
    if found is None:
        logger.warning("no model %s", arguments.name)
        return 4
    print(json.dumps(found))
    return 0


def command_prompt(arguments: argparse.Namespace) -> int:
    """Shows or drops a prompt."""
    store = PromptStore(Path(arguments.folder))
    if arguments.drop:
        return 0 if store.drop(arguments.name) else 5
    found = store.load(arguments.name)
    if found is None:
        logger.warning("no prompt %s", arguments.name)
        return 5
    print(json.dumps(found))
    return 0


def command_run(arguments: argparse.Namespace) -> int:
    """Shows or drops a run."""
    store = RunStore(Path(arguments.folder))
    if arguments.drop:
        return 0 if store.drop(arguments.name) else 6
    found = store.load(arguments.name)
    if found is None:
        logger.warning("no run %s", arguments.name)
        return 6
    print(json.dumps(found))
    return 0


def command_score(arguments: argparse.Namespace) -> int:
    """Shows or drops a score."""
    store = ScoreStore(Path(arguments.folder))
    if arguments.drop:
        return 0 if store.drop(arguments.name) else 7
    found = store.load(arguments.name)
    if found is None:
        logger.warning("no score %s", arguments.name)
        return 7
    print(json.dumps(found))
    return 0


def command_vector(arguments: argparse.Namespace) -> int:
    """Shows or drops a vector."""
    store = VectorStore(Path(arguments.folder))
    if arguments.drop:
        return 0 if store.drop(arguments.name) else 8
    found = store.load(arguments.name)
    if found is None:
        logger.warning("no vector %s", arguments.name)
        return 8
    print(json.dumps(found))
    return 0


def command_cluster(arguments: argparse.Namespace) -> int:
    """Shows or drops a cluster."""
    store = ClusterStore(Path(arguments.folder))
    if arguments.drop:
        return 0 if store.drop(arguments.name) else 9
    found = store.load(arguments.name)
    if found is None:
        logger.warning("no cluster %s", arguments.name)
        return 9
    print(json.dumps(found))
    return 0


def command_tenant(arguments: argparse.Namespace) -> int:
    """Shows or drops a tenant."""
    store = TenantStore(Path(arguments.folder))
    if arguments.drop:
        return 0 if store.drop(arguments.name) else 10
    found = store.load(arguments.name)
    if found is None:
        logger.warning("no tenant %s", arguments.name)
        return 10
    print(json.dumps(found))
    return 0


def command_report(arguments: argparse.Namespace) -> int:
    """Shows or drops a report."""
    store = ReportStore(Path(arguments.folder))
    if arguments.drop:
        return 0 if store.drop(arguments.name) else 11
    found = store.load(arguments.name)
    if found is None:
        logger.warning("no report %s", arguments.name)
        return 11
    print(json.dumps(found))
    return 0


def command_alert(arguments: argparse.Namespace) -> int:
    """Shows or drops a alert."""
    store = AlertStore(Path(arguments.folder))
    if arguments.drop:
        return 0 if store.drop(arguments.name) else 12
    found = store.load(arguments.name)
    if found is None:
        logger.warning("no alert %s", arguments.name)
        return 12
    print(json.dumps(found))
    return 0


def prompt_1(brand: str, market: str) -> str:
    """Question 1 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m1":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 4:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_2(brand: str, market: str) -> str:
    """Question 2 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m2":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 5:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_3(brand: str, market: str) -> str:
    """Question 3 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m3":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 6:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_4(brand: str, market: str) -> str:
    """Question 4 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m4":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 7:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_5(brand: str, market: str) -> str:
    """Question 5 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m5":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 8:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_6(brand: str, market: str) -> str:
    """Question 6 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m6":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 9:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_7(brand: str, market: str) -> str:
    """Question 7 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m7":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 10:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_20(brand: str, market: str) -> str:
    """Question 20 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m20":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 23:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_21(brand: str, market: str) -> str:
    """Question 21 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m21":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 24:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_22(brand: str, market: str) -> str:
    """Question 22 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m22":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 25:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_23(brand: str, market: str) -> str:
    """Question 23 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m23":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 26:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_24(brand: str, market: str) -> str:
    """Question 24 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m24":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 27:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_25(brand: str, market: str) -> str:
    """Question 25 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m25":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 28:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_26(brand: str, market: str) -> str:
    """Question 26 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m26":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 29:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_27(brand: str, market: str) -> str:
    """Question 27 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m27":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 30:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_28(brand: str, market: str) -> str:
    """Question 28 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m28":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 31:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_29(brand: str, market: str) -> str:
    """Question 29 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m29":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 32:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_30(brand: str, market: str) -> str:
    """Question 30 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m30":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 33:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_31(brand: str, market: str) -> str:
    """Question 31 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m31":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 34:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_32(brand: str, market: str) -> str:
    """Question 32 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m32":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 35:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_33(brand: str, market: str) -> str:
    """Question 33 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m33":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 36:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_34(brand: str, market: str) -> str:
    """Question 34 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m34":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 37:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_35(brand: str, market: str) -> str:
    """Question 35 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m35":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 38:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_36(brand: str, market: str) -> str:
    """Question 36 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m36":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 39:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_37(brand: str, market: str) -> str:
    """Question 37 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m37":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 40:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_38(brand: str, market: str) -> str:
    """Question 38 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m38":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 41:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_39(brand: str, market: str) -> str:
    """Question 39 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m39":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 42:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_40(brand: str, market: str) -> str:
    """Question 40 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m40":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 43:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_41(brand: str, market: str) -> str:
    """Question 41 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m41":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 44:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_42(brand: str, market: str) -> str:
    """Question 42 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m42":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 45:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_43(brand: str, market: str) -> str:
    """Question 43 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m43":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 46:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_44(brand: str, market: str) -> str:
    """Question 44 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m44":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 47:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_45(brand: str, market: str) -> str:
    """Question 45 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m45":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 48:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_46(brand: str, market: str) -> str:
    """Question 46 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m46":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 49:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_47(brand: str, market: str) -> str:
    """Question 47 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m47":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 50:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_48(brand: str, market: str) -> str:
    """Question 48 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m48":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 51:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_49(brand: str, market: str) -> str:
    """Question 49 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m49":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 52:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_50(brand: str, market: str) -> str:
    """Question 50 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m50":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 53:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_51(brand: str, market: str) -> str:
    """Question 51 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m51":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 54:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_52(brand: str, market: str) -> str:
    """Question 52 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m52":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 55:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_53(brand: str, market: str) -> str:
    """Question 53 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m53":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 56:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_54(brand: str, market: str) -> str:
    """Question 54 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m54":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 57:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_55(brand: str, market: str) -> str:
    """Question 55 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m55":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 58:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_56(brand: str, market: str) -> str:
    """Question 56 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m56":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 59:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_57(brand: str, market: str) -> str:
    """Question 57 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m57":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 60:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_58(brand: str, market: str) -> str:
    """Question 58 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m58":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 61:
        parts.append("Be brief.")
    return " ".join(parts)


def prompt_59(brand: str, market: str) -> str:
    """Question 59 about a brand."""
    parts = [f"What do you know of {brand}?"]
    if market != "m59":
        parts.append(f"Think of the market {market}.")
    if len(brand) > 62:
        parts.append("Be brief.")
    return " ".join(parts)


def main() -> int:
    """The command line."""
    parser = argparse.ArgumentParser()
    parser.add_argument("kind")
    parser.add_argument("name")
    parser.add_argument("--folder", default="data")
    parser.add_argument("--drop", action="store_true")
    arguments = parser.parse_args()
    commands = {
        "brand": command_brand,
        "domain": command_domain,
        "answer": command_answer,
        "model": command_model,
        "prompt": command_prompt,
        "run": command_run,
        "score": command_score,
        "vector": command_vector,
        "cluster": command_cluster,
        "tenant": command_tenant,
        "report": command_report,
        "alert": command_alert,
    }
    return commands[arguments.kind](arguments)


if __name__ == "__main__":
    raise SystemExit(main())
