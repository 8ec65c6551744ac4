namespace AiDc.Trainer.Serving.Batching;

/// <summary>Samples of one request in a batch.</summary>
internal readonly record struct BatchSlice(InferenceWork Work, int From, int Count)
{
    public bool IsWhole => Count == Work.Rows;
}
