namespace AiDc.Trainer.Reporting;

/// <summary>A run's log that also takes the last word of a run that failed.</summary>
public interface ILineLog : IRunLog
{
    void Failed(int exitCode, string message, string? detail);
}
