using k8s.Models;

namespace AiDc.Api;

/// <summary>Which container of a template is the worker: the one named "trainer", else the first.</summary>
public static class WorkerContainer
{
    public const string Name = "trainer";

    /// <summary>Its index, or -1 when there is no container.</summary>
    public static int IndexIn(IList<V1Container>? containers)
    {
        for (var i = 0; i < (containers?.Count ?? 0); i++)
        {
            if (containers![i]?.Name == Name)
                return i;
        }

        return containers is { Count: > 0 } ? 0 : -1;
    }
}
