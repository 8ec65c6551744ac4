using AiDc.Api;

namespace AiDc.Trainer.Data;

/// <summary>Data that cannot be used as they are; reading them again cannot help.</summary>
/// <param name="file">The file or folder at fault; inside of an archive <c>archive.tar!path</c>.</param>
/// <param name="problem">What is wrong with it: expected and found. No full stop.</param>
/// <param name="fix">What to do about it. No full stop.</param>
public sealed class DataException(string file, string problem, string fix, Exception? inner = null)
    : TrainerException($"{file}: {problem}. {fix}.", ExitCodes.Configuration, inner)
{
    public string File { get; } = file;

    public string Problem { get; } = problem;

    public string Fix { get; } = fix;
}
