namespace AiDc.Trainer;

/// <summary>What the process tells its parent. The operator decides by these whether a failure is worth another attempt.</summary>
public static class ExitCodes
{
    public const int Success = 0;

    /// <summary>A defect of ours or of the machine: worth another attempt.</summary>
    public const int UnexpectedFailure = 1;

    /// <summary>Wrong usage, a setting out of range, data that cannot be read: the same input fails again, so nobody retries it.</summary>
    public const int Configuration = 2;

    /// <summary>A disk that is full, a folder that cannot be written: may be better the next time.</summary>
    public const int Storage = 3;

    /// <summary>The loss is not a number, again after the run went back to a checkpoint: another attempt would end the same.</summary>
    public const int Diverged = 4;

    /// <summary>SIGINT, after a checkpoint.</summary>
    public const int Interrupted = 130;

    /// <summary>SIGTERM, after a checkpoint.</summary>
    public const int Terminated = 143;
}
