namespace AiDc.Api;

// What the operator, which makes pods, and the trainer, which runs in them, have to agree on. This file is compiled into both: it uses
// nothing that either of them lacks.

/// <summary>What a process of the trainer tells its parent by how it ends. The operator decides by these whether a failure is worth another attempt.</summary>
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

/// <summary>Where things are in the containers of workers and servers.</summary>
public static class MountPaths
{
    public const string Data = "/data";
    public const string Checkpoint = "/checkpoint";
    public const string Model = "/model";
    public const string Cache = "/cache";
    public const string SharedMemory = "/dev/shm";
    public const string Temporary = "/tmp";

    /// <summary>The projected volume with <see cref="Token"/> and <see cref="CaBundle"/>.</summary>
    public const string Aidc = "/var/run/secrets/aidc";

    public const string Token = Aidc + "/token";
    public const string CaBundle = Aidc + "/ca.crt";

    /// <summary>The built-in trainer's result, below <see cref="Checkpoint"/>.</summary>
    public const string ModelFolder = "model";
}

/// <summary>The environment of a worker, apart from what torchrun would set.</summary>
public static class PodVariables
{
    /// <summary>namespace/name of the job.</summary>
    public const string Job = "AIDC_JOB";

    public const string Attempt = "AIDC_ATTEMPT";
    public const string PodUid = "AIDC_POD_UID";

    /// <summary>How long the worker may take to end, as a duration.</summary>
    public const string GracePeriod = "AIDC_GRACE_PERIOD";

    public const string DataFolder = "AIDC_DATA_DIR";
    public const string CheckpointFolder = "AIDC_CHECKPOINT_DIR";

    /// <summary>https://host:port of the operator.</summary>
    public const string Coordinator = "AIDC_COORDINATOR";

    public const string ProgressUrl = "AIDC_PROGRESS_URL";
    public const string TokenFile = "AIDC_TOKEN_FILE";
    public const string CaFile = "AIDC_CA_FILE";

    /// <summary>A folder for the ledger of what each step was trained on; the user's to set.</summary>
    public const string LedgerFolder = "AIDC_LEDGER_DIR";

    /// <summary>The network interface that workers meet on; the user's to set.</summary>
    public const string Interface = "AIDC_INTERFACE";
}

/// <summary>The token by which a pod proves who it is.</summary>
public static class PodToken
{
    public const string Audience = "aidc.dev";
}
