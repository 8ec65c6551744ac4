namespace AiDc.Operator.Coordination;

/// <summary>One job's life: a job deleted and made again under the same name has another <paramref name="Uid"/>.</summary>
public readonly record struct JobKey(string Namespace, string Name, string Uid)
{
    public override string ToString() => $"{Namespace}/{Name}";
}
