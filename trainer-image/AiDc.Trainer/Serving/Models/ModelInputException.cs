namespace AiDc.Trainer.Serving.Models;

/// <summary>A request's input that the model does not take: the fault of who sent it, and of no other request of the batch.</summary>
/// <param name="input">The input at fault.</param>
/// <param name="problem">What is wrong with it: expected and found. No full stop.</param>
/// <param name="mend">What to do about it. No full stop.</param>
public sealed class ModelInputException(string input, string problem, string mend, Exception? inner = null)
    : Exception($"input '{input}': {problem}. {mend}", inner)
{
    public string Input { get; } = input;

    public string Problem { get; } = problem;

    public string Mend { get; } = mend;
}
