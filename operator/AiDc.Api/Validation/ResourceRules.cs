using AiDc.Api.V1Alpha1;
using AiDc.Api.Values;

namespace AiDc.Api.Validation;

/// <summary>Quantities that are well written but cannot be meant.</summary>
internal static class ResourceRules
{
    private const decimal Mebibyte = 1 << 20;

    public static void Check(ResourcesSpec resources, Errors errors)
    {
        const string path = "spec.resources";
        if (QuantityText.TryParse(resources.Cpu, out var cpu) && cpu is < 0.001m or > 100_000m)
            errors.Add($"{path}.cpu", $"'{resources.Cpu}' is {(cpu < 1 ? "less than 1m" : "more than 100000")} cores", "write cores, such as 2 or 500m");
        var memory = Bytes(resources.Memory, $"{path}.memory", errors);
        var shm = Bytes(resources.Shm, $"{path}.shm", errors);
        if (shm > memory)
            errors.Add($"{path}.shm", $"'{resources.Shm}' is more than the pod's memory '{resources.Memory}', which it counts towards", "raise memory, or lower shm");
    }

    private static decimal? Bytes(string? text, string path, Errors errors)
    {
        if (!QuantityText.TryParse(text, out var bytes))
            return null;
        if (bytes is >= Mebibyte and < 1e16m)
            return bytes;
        errors.Add(path, $"'{text}' is {(bytes < Mebibyte ? "less than a mebibyte" : "more than any node has")}", "write bytes with a unit, such as 4Gi");
        return null;
    }
}
