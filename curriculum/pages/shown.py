from django.utils.module_loading import import_string


class ShownByView:
    """A page whose reader's side is a view. Pages stand below views, so the view is named by its dotted path.

    Wagtail calls `serve` after its own routing and restrictions, and `serve_preview` for drafts; the view sees
    `request.is_preview`.
    """

    view = ""

    def serve(self, request, *args, **kwargs):
        request.is_preview = False
        return import_string(self.view)(request, self)

    def serve_preview(self, request, mode_name):
        request.is_preview = True
        return import_string(self.view)(request, self)
