namespace AiDc.Api;

/// <summary>The types of conditions: those of a TrainingJob, then those of an InferenceService.</summary>
public static class ConditionTypes
{
    /// <summary>False: the spec makes no sense; the message names the field and the fix, and no pod is created.</summary>
    public const string Valid = "Valid";

    /// <summary>True once all workers have run together.</summary>
    public const string Started = "Started";

    /// <summary>True while all workers run.</summary>
    public const string Running = "Running";

    /// <summary>True while one worker of a distributed gang is persistently slower than its peers; the message names it and its slowdown.</summary>
    public const string Straggler = "Straggler";

    /// <summary>True while spec.suspend holds the job.</summary>
    public const string Suspended = "Suspended";

    /// <summary>True at the good end.</summary>
    public const string Complete = "Complete";

    /// <summary>True at the bad end.</summary>
    public const string Failed = "Failed";

    /// <summary>Of a service: true while a replica answers with its model loaded.</summary>
    public const string Ready = "Ready";

    /// <summary>Of a service: true while a replica of the revision that is to serve has loaded its model; the message says why not.</summary>
    public const string ModelLoaded = "ModelLoaded";

    /// <summary>
    /// Of a service: true while the Service of its name leads to its replicas, or, with the reason GatewaysOnly, where there is to be none; false where an
    /// object of that name is somebody else's, or may not be made, which the message says. Gateways do without.
    /// </summary>
    public const string Addressable = "Addressable";

    /// <summary>Of a service: true while replicas of one revision replace those of another.</summary>
    public const string Progressing = "Progressing";

    /// <summary>Of a service: true while a canary is tried; false says how the last one ended.</summary>
    public const string Canary = "Canary";
}
