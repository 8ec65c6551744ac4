namespace AiDc.Operator.Coordination;

/// <summary>One job's life: a job deleted and made again under the same name has another <paramref name="Uid"/>.</summary>
public readonly record struct JobKey(string Namespace, string Name, string Uid)
{
    public override string ToString() => $"{Namespace}/{Name}";
}

/// <summary>A worker as the API server knows it: proved by its token and by the live pod, never by what it says of itself.</summary>
public sealed record WorkerIdentity(JobKey Job, int Attempt, int WorkerIndex, string PodName, string PodUid);
