using System.Text.Json;
using AiDc.Trainer.Evaluation;

namespace AiDc.Trainer.Tests.Evaluation;

internal sealed class EvaluationTests
{
    [Test]
    public void Scores_follow_from_the_matrix()
    {
        var confusion = Example();
        Assert.That(confusion.Accuracy, Is.EqualTo(0.7));
        Assert.That(confusion.Score(0), Is.EqualTo(new ClassScore("cat", 0.75, 0.6, 2 * 0.75 * 0.6 / 1.35, 5)).Using<ClassScore>(Close));
        Assert.That(confusion.Score(1), Is.EqualTo(new ClassScore("dog", 4 / 6.0, 0.8, 2 * (4 / 6.0) * 0.8 / (4 / 6.0 + 0.8), 5)).Using<ClassScore>(Close));
    }

    [Test]
    public void A_class_that_never_appears_scores_zero_and_not_NaN() => Assert.That(Example().Score(2), Is.EqualTo(new ClassScore("emu", 0, 0, 0, 0)));

    [Test]
    public void The_table_shows_all_of_it()
    {
        var table = EvaluationReport.Table(new(Example(), 0.25)).ReplaceLineEndings("\n");
        Assert.That(table, Is.EqualTo("""
            accuracy 0.7000  loss 0.2500  samples 10

            class  precision  recall      f1  support
            cat       0.7500  0.6000  0.6667        5
            dog       0.6667  0.8000  0.7273        5
            emu       0.0000  0.0000  0.0000        0
            mean      0.4722  0.4667  0.4646

            confusion matrix: a row for each class that it is, a column for each that it was taken for
                 cat  dog  emu
            cat    3    2    0
            dog    1    4    0
            emu    0    0    0

            """));
    }

    [Test]
    public void The_JSON_holds_the_same_figures()
    {
        using var json = JsonDocument.Parse(EvaluationReport.Json(new(Example(), 0.25)));
        var root = json.RootElement;
        Assert.That(root.GetProperty("accuracy").GetDouble(), Is.EqualTo(0.7));
        Assert.That(root.GetProperty("loss").GetDouble(), Is.EqualTo(0.25));
        Assert.That(root.GetProperty("samples").GetInt64(), Is.EqualTo(10));
        Assert.That(root.GetProperty("classes")[0].GetProperty("f1").GetDouble(), Is.EqualTo(2 / 3.0).Within(1e-12));
        Assert.That(root.GetProperty("classes")[1].GetProperty("class").GetString(), Is.EqualTo("dog"));
        Assert.That(root.GetProperty("confusionMatrix")[0].EnumerateArray().Select(c => c.GetInt32()), Is.EqualTo(new[] { 3, 2, 0 }));
    }

    private static bool Close(ClassScore a, ClassScore b) =>
        a.Class == b.Class && a.Support == b.Support && Math.Abs(a.Precision - b.Precision) + Math.Abs(a.Recall - b.Recall) + Math.Abs(a.F1 - b.F1) < 1e-12;

    private static ConfusionMatrix Example()
    {
        var confusion = new ConfusionMatrix(["cat", "dog", "emu"]);
        foreach (var (actual, predicted, times) in new[] { (0, 0, 3), (0, 1, 2), (1, 0, 1), (1, 1, 4) })
            for (var i = 0; i < times; i++) confusion.Add(actual, predicted);
        return confusion;
    }
}
