namespace AiDc.Trainer.Data;

/// <summary>Data that cannot be used.</summary>
/// <param name="file">The file (or folder) at fault.</param>
/// <param name="problem">What is wrong with it.</param>
/// <param name="mend">What to do about it.</param>
public sealed class DataException(string file, string problem, string mend, Exception? inner = null)
    : TrainerException($"{file}: {problem}. {mend}", ExitCodes.Configuration, inner)
{
    public string File { get; } = file;

    public string Problem { get; } = problem;

    public string Mend { get; } = mend;
}
