"""Answers given before there were measures get theirs, as `Question.measure` would give them."""

from django.db import migrations


def fill(apps, schema_editor):
    answers = apps.get_model("evaluations", "Answer").objects.filter(measure__isnull=True)
    number_like = set()
    for name in ("LikertQuestion", "NumberQuestion"):
        number_like |= set(apps.get_model("evaluations", name).objects.values_list("pk", flat=True))
    right = {}
    for name in ("ChoiceQuestion", "MultipleChoiceQuestion"):
        for pk, choices in apps.get_model("evaluations", name).objects.values_list("pk", "choices"):
            right[pk] = {choice["key"] for choice in choices if choice.get("correct")}
    changed = []
    for answer in answers.iterator():
        value = answer.value
        if answer.question_id in number_like and isinstance(value, int | float) and not isinstance(value, bool):
            answer.measure = float(value)
        elif right.get(answer.question_id):
            given = set(value) if isinstance(value, list) else {value}
            keys = right[answer.question_id]
            answer.measure = float(given == keys if isinstance(value, list) else value in keys)
        else:
            continue
        changed.append(answer)
        if len(changed) == 1000:
            answers.model.objects.bulk_update(changed, ["measure"])
            changed = []
    answers.model.objects.bulk_update(changed, ["measure"])


class Migration(migrations.Migration):
    dependencies = [("evaluations", "0002_waves_and_results")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
