"""What the worker does for files."""

from django_tasks import task

from evaluations.takeaway import jobs


@task()
def make_export(job_pk):
    jobs.run(job_pk)
