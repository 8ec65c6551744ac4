using AiDc.Api;

namespace AiDc.Trainer;

/// <summary>A file that was written before does not hold what its format demands: truncated, altered, or of something else.</summary>
public sealed class InvalidFileException(string file, string problem, Exception? inner = null)
    : TrainerException($"{file}: {problem}", ExitCodes.Configuration, inner)
{
    public string File { get; } = file;

    public string Problem { get; } = problem;
}
