"""What editors choose a question for a lesson from: the bank, without polls of live sessions."""

from wagtail.snippets.views import chooser

from evaluations import bank


class FromTheBank:
    def get_object_list(self):
        return super().get_object_list().filter(instrument__in=bank.instruments())


class ChooseView(FromTheBank, chooser.ChooseView):
    pass


class ChooseResultsView(FromTheBank, chooser.ChooseResultsView):
    pass


class QuestionChooserViewSet(chooser.SnippetChooserViewSet):
    choose_view_class, choose_results_view_class = ChooseView, ChooseResultsView
