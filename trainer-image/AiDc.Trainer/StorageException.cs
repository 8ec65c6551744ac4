using AiDc.Api;

namespace AiDc.Trainer;

/// <summary>A file could not be written or read back for a reason outside of the run: full disk, missing permission.</summary>
/// <param name="file">The file or folder that failed.</param>
/// <param name="problem">What the system said, for a person.</param>
public sealed class StorageException(string file, string problem, Exception? inner = null) : TrainerException($"{file}: {problem}", ExitCodes.Storage, inner)
{
    public string File { get; } = file;

    public string Problem { get; } = problem;
}
