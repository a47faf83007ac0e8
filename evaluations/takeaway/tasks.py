"""What the worker does for files."""

from django_tasks import task

from evaluations.takeaway import making


@task()
def make_export(job_pk):
    making.run(job_pk)
