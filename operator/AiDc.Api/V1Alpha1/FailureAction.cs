namespace AiDc.Api.V1Alpha1;

/// <summary>What a <see cref="FailureRule"/> does.</summary>
public static class FailureAction
{
    /// <summary>The job fails at once.</summary>
    public const string Fail = "Fail";

    /// <summary>The gang restarts, and it does not count towards maxRestarts.</summary>
    public const string Restart = "Restart";
}
