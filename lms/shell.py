"""What every page of ours is wrapped in: the navigation of the role in use, the languages, the small facts of the site."""

from django.forms.renderers import TemplatesSetting


class FormRenderer(TemplatesSetting):
    """Forms render with our own templates (lms/templates/components/form/)."""

    form_template_name = "components/form/div.html"
    field_template_name = "components/form/field.html"


def shell(request):
    return {}
