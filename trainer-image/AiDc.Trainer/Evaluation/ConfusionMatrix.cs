namespace AiDc.Trainer.Evaluation;

/// <summary>How often each class was taken for each other one.</summary>
public sealed class ConfusionMatrix
{
    private readonly long[,] _counts;

    public ConfusionMatrix(IReadOnlyList<string> classes)
    {
        Classes = classes;
        _counts = new long[classes.Count, classes.Count];
    }

    public IReadOnlyList<string> Classes { get; }

    public long Total { get; private set; }

    public long Correct { get; private set; }

    /// <summary>Share of samples whose class was found; NaN of none.</summary>
    public double Accuracy => (double)Correct / Total;

    public long this[int actual, int predicted] => _counts[actual, predicted];

    public void Add(int actual, int predicted) => Add(actual, predicted, 1);

    public void Add(int actual, int predicted, long times)
    {
        _counts[actual, predicted] += times;
        Total += times;
        if (actual == predicted) Correct += times;
    }

    /// <summary>Precision, recall and F1 of a class; 0 where nothing was predicted, or nothing was there, as is usual.</summary>
    public ClassScore Score(int index)
    {
        long actual = 0, predicted = 0;
        for (var other = 0; other < Classes.Count; other++)
        {
            actual += _counts[index, other];
            predicted += _counts[other, index];
        }

        var hits = _counts[index, index];
        var precision = predicted == 0 ? 0 : (double)hits / predicted;
        var recall = actual == 0 ? 0 : (double)hits / actual;
        var f1 = hits == 0 ? 0 : 2.0 * hits / (actual + predicted);
        return new(Classes[index], precision, recall, f1, actual);
    }
}
