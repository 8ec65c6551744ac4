namespace AiDc.Trainer;

/// <summary>An error whose message is meant for the person who started the run; it carries the exit code of the process.</summary>
public abstract class TrainerException(string message, int exitCode, Exception? inner = null) : Exception(message, inner)
{
    public int ExitCode { get; } = exitCode;
}
