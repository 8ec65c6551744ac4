using System.Text.Json;
using AiDc.Api.V1Alpha1;
using k8s.Models;

namespace AiDc.Api;

/// <summary>Which container of a template is the worker: the one named "trainer", else the first.</summary>
public static class WorkerContainer
{
    /// <summary>The name that the built-in trainer's container has, and that a template may give to the worker.</summary>
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

    /// <summary>Its name; "trainer" where there is no container, and the built-in trainer's has to be added.</summary>
    public static string NameIn(TrainingJobSpec spec)
    {
        if (spec.Template is null) return Name;
        string? first = null;
        foreach (var name in ContainerNames(spec.Template.Json))
        {
            if (name == Name) return Name;
            first ??= name;
        }
        return first ?? Name;
    }

    // Read from the raw JSON: this runs at every look at a job, and reading the whole template costs a hundred times as much.
    private static IEnumerable<string> ContainerNames(JsonElement template)
    {
        if (template.ValueKind != JsonValueKind.Object
            || !template.TryGetProperty("spec", out var spec) || spec.ValueKind != JsonValueKind.Object
            || !spec.TryGetProperty("containers", out var containers) || containers.ValueKind != JsonValueKind.Array)
            yield break;
        foreach (var container in containers.EnumerateArray())
            if (container.ValueKind == JsonValueKind.Object
                && container.TryGetProperty("name", out var name) && name.ValueKind == JsonValueKind.String)
                yield return name.GetString()!;
    }
}

/// <summary>Which container of a service's template is the server, and whether it is one of the user's own.</summary>
public static class ServerContainer
{
    public const string Name = "server";

    /// <summary>The one named "server", else the first; -1 where there is none, and the built-in server has to be added.</summary>
    public static int IndexIn(IList<V1Container>? containers)
    {
        for (var i = 0; i < (containers?.Count ?? 0); i++)
        {
            if (containers![i]?.Name == Name)
                return i;
        }

        return containers is { Count: > 0 } ? 0 : -1;
    }

    /// <summary>Whether the template brings its own server: its container has an image.</summary>
    public static bool IsOwn(V1PodTemplateSpec? template) =>
        template?.Spec?.Containers is { } containers && IndexIn(containers) is >= 0 and var at && !string.IsNullOrWhiteSpace(containers[at]?.Image);
}
