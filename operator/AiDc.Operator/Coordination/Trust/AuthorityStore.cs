using System.Security.Cryptography;
using System.Text.Json.Nodes;
using AiDc.ControllerRuntime;
using AiDc.ControllerRuntime.Client;
using AiDc.Operator.Configuration;
using k8s.Models;
using Microsoft.Extensions.Options;

namespace AiDc.Operator.Coordination.Trust;

/// <summary>The authorities in the Secret that all replicas share. Whoever is first makes it; nobody overwrites another's.</summary>
internal sealed partial class AuthorityStore(
    IKubernetesClient client, IOptions<OperatorOptions> options, TimeProvider clock, ILogger<AuthorityStore> logger)
{
    public const string SecretName = "aidc-coordinator-ca";

    private readonly NamespacedName name = new(options.Value.Namespace, SecretName);

    /// <summary>The authorities as they should be now, made or rotated if that was due.</summary>
    public async Task<TrustedAuthorities> LoadAsync(CancellationToken ct)
    {
        while (true)
        {
            var secret = await client.GetAsync<V1Secret>(name, ct);
            try
            {
                if (secret is null)
                    return await CreateAsync(ct);
                var known = Read(secret);
                var due = RotationPolicy.Due(known, clock.GetUtcNow(), NewAuthority);
                if (ReferenceEquals(due, known))
                    return known;
                await ReplaceAsync(secret, due, ct);
                Rotated(name, due.Current.NotAfter, due.Next is not null);
                return due;
            }
            catch (ApiException e) when (e.IsConflict || e.IsAlreadyExists || e.IsNotFound)
            {
                // Another replica was first: what it wrote counts.
            }
        }
    }

    private TrustedAuthorities Read(V1Secret secret)
    {
        try
        {
            if (TrustedAuthorities.FromSecret(secret.Data) is { } known)
            {
                known.Verify();
                return known;
            }
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException or InvalidOperationException or NotSupportedException or FormatException)
        {
            throw Unreadable(e);
        }
        throw Unreadable(null);
    }

    private InvalidDataException Unreadable(Exception? inner) => new(
        $"Secret {name}: tls.crt and tls.key are not a certificate and its key ({inner?.Message ?? "missing"}). Delete the Secret: it is made anew, and workers of running jobs report again after their next restart.", inner);

    private async Task<TrustedAuthorities> CreateAsync(CancellationToken ct)
    {
        var made = new TrustedAuthorities(NewAuthority(), null, null);
        await client.CreateAsync(new V1Secret
        {
            Metadata = new V1ObjectMeta
            {
                Name = name.Name,
                NamespaceProperty = name.Namespace,
                Labels = new Dictionary<string, string> { ["app.kubernetes.io/managed-by"] = "aidc-operator" },
            },
            Type = "Opaque",
            Data = made.ToSecret().Where(d => d.Value is not null).ToDictionary(d => d.Key, d => d.Value!),
        }, ct);
        Created(name, made.Current.NotAfter);
        return made;
    }

    /// <summary>With the version that the decision was made on, so that of two replicas one wins.</summary>
    private Task<V1Secret> ReplaceAsync(V1Secret secret, TrustedAuthorities authorities, CancellationToken ct)
    {
        var data = new JsonObject();
        foreach (var (key, value) in authorities.ToSecret())
            data[key] = value is null ? null : Convert.ToBase64String(value);
        var patch = new JsonObject
        {
            ["metadata"] = new JsonObject { ["resourceVersion"] = secret.Metadata.ResourceVersion },
            ["data"] = data,
        };
        return client.PatchMergeAsync<V1Secret>(name, patch, ct);
    }

    private CertificateAuthority NewAuthority() => CertificateAuthority.Create(clock.GetUtcNow(), RotationPolicy.Lifetime);

    [LoggerMessage(2101, LogLevel.Information, "Made the coordinator's certificate authority: Secret {Name}, valid until {NotAfter:u}")]
    private partial void Created(NamespacedName name, DateTimeOffset notAfter);

    [LoggerMessage(2102, LogLevel.Information, "Rotated the coordinator's certificate authority: Secret {Name}, signing until {NotAfter:u}, next one announced: {Announced}")]
    private partial void Rotated(NamespacedName name, DateTimeOffset notAfter, bool announced);
}
