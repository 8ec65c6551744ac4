namespace AiDc.Api;

/// <summary>The reasons in conditions, events and status.lastFailure.</summary>
public static class Reasons
{
    // Conditions
    public const string SpecValid = "SpecValid";
    public const string SpecInvalid = "SpecInvalid";
    public const string NotStarted = "NotStarted";
    public const string AllWorkersRunning = "AllWorkersRunning";
    public const string WorkersStarting = "WorkersStarting";
    public const string WorkersPending = "WorkersPending";
    public const string Recovering = "Recovering";
    public const string Suspending = "Suspending";
    public const string Suspended = "Suspended";
    public const string Resumed = "Resumed";
    public const string NotSuspended = "NotSuspended";
    public const string WorkersSucceeded = "WorkersSucceeded";
    public const string NotFinished = "NotFinished";

    // Why a gang was restarted or a job failed
    public const string WorkerFailed = "WorkerFailed";
    public const string OutOfMemory = "OOMKilled";
    public const string Evicted = "Evicted";
    public const string NodeLost = "NodeLost";
    public const string NodeShutdown = "NodeShutdown";
    public const string Preempted = "Preempted";
    public const string PodDeleted = "PodDeleted";
    public const string StartTimeout = "StartTimeout";
    public const string SpecChanged = "SpecChanged";
    public const string ConfigurationError = "ConfigurationError";
    public const string FailureRule = "FailureRule";
    public const string TooManyRestarts = "TooManyRestarts";
    public const string DeadlineExceeded = "DeadlineExceeded";
    public const string WorkerSilent = "WorkerSilent";
    public const string ConnectionLost = "ConnectionLost";
    public const string WorkerNotReady = "WorkerNotReady";
    public const string NodeDeleted = "NodeDeleted";
    public const string NodeCordoned = "NodeCordoned";
    public const string GpuWithdrawn = "GpuWithdrawn";
    public const string Stalled = "Stalled";
    public const string Diverged = "Diverged";
    public const string StateLost = "StateLost";
    public const string HeldTooLong = "HeldTooLong";

    // What a distributed gang does
    public const string MembershipChanged = "MembershipChanged";
    public const string MembersTrain = "MembersTrain";
    public const string Resized = "Resized";
    public const string WorkerReplaced = "WorkerReplaced";
    public const string Holding = "Holding";
    public const string GroupForming = "GroupForming";
    public const string StragglerFound = "StragglerFound";
    public const string NoStraggler = "NoStraggler";

    // Why a job waits
    public const string Unschedulable = "Unschedulable";
    public const string ImagePull = "ImagePull";
    public const string QuotaExceeded = "QuotaExceeded";
    public const string VolumeUnavailable = "VolumeUnavailable";
    public const string ContainerConfig = "ContainerConfigError";
    public const string PodRejected = "PodRejected";
    public const string ServiceAccountMissing = "ServiceAccountMissing";
    public const string OperatorForbidden = "OperatorForbidden";
    public const string AdmissionDenied = "AdmissionDenied";
    public const string NameConflict = "NameConflict";
    public const string BackOff = "BackOff";

    // Of an inference service: whether its model is loaded, and why not
    public const string Loaded = "Loaded";
    public const string Loading = "Loading";
    public const string Idle = "Idle";
    public const string TrainingPending = "TrainingPending";
    public const string TrainingFailed = "TrainingFailed";
    public const string NoResult = "NoResult";
    public const string ReplicasMissing = "ReplicasMissing";
    public const string ServerFailed = "ServerFailed";
    public const string Unreachable = "Unreachable";

    public const string ObjectsMade = "ObjectsMade";
    public const string GatewaysOnly = "GatewaysOnly";

    // Of its revisions
    public const string RollingOut = "RollingOut";
    public const string RolledOut = "RolledOut";
    public const string CanaryStarted = "CanaryStarted";
    public const string CanaryStep = "CanaryStep";
    public const string CanaryPromoted = "CanaryPromoted";
    public const string CanaryRolledBack = "CanaryRolledBack";
    public const string NoCanary = "NoCanary";
    public const string RevisionCreated = "RevisionCreated";
    public const string ModelFound = "ModelFound";
    public const string Scaled = "Scaled";
    public const string Ready = "Ready";

    // Events
    public const string GangCreated = "GangCreated";
    public const string Running = "Running";
    public const string Restarting = "Restarting";
    public const string Succeeded = "Succeeded";
    public const string Failed = "Failed";
    public const string Expired = "Expired";
}
