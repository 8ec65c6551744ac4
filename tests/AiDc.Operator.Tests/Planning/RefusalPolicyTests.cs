using System.Net;
using AiDc.Api;
using AiDc.Operator.Planning;
using AiDc.Operator.Tests.Training;

namespace AiDc.Operator.Tests.Planning;

public sealed class RefusalPolicyTests
{
    [TestCase(403, "pods \"a\" is forbidden: exceeded quota: small, requested: pods=1", Reasons.QuotaExceeded)]
    [TestCase(403, "pods \"a\" is forbidden: failed quota: small: must specify limits.cpu", Reasons.QuotaExceeded)]
    [TestCase(403, "pods \"a\" is forbidden: error looking up service account team/x: serviceaccount \"x\" not found", Reasons.ServiceAccountMissing)]
    [TestCase(403, "pods is forbidden: User \"system:serviceaccount:aidc:aidc-operator\" cannot create resource \"pods\" in API group \"\" in the namespace \"team\"", Reasons.OperatorForbidden)]
    [TestCase(403, "pods \"a\" is forbidden: service account team/x was not found, retry after the service account is created: serviceaccount \"x\" not found", Reasons.ServiceAccountMissing)]
    [TestCase(403, "pods \"a\" is forbidden: violates PodSecurity \"restricted:latest\"", Reasons.AdmissionDenied)]
    [TestCase(400, "admission webhook \"policy.example\" denied the request: no", Reasons.AdmissionDenied)]
    [TestCase(500, "Internal error occurred: failed calling webhook \"policy.example\"", Reasons.AdmissionDenied)]
    [TestCase(422, "Pod \"a\" is invalid: spec.containers[0].image: Required value", Reasons.PodRejected)]
    [TestCase(400, "Pod in version \"v1\" cannot be handled as a Pod", Reasons.PodRejected)]
    [TestCase(500, "etcdserver: request timed out", null)]
    [TestCase(429, "too many requests", null)]
    [TestCase(409, "conflict", null)]
    [TestCase(0, "connection refused", null)]
    public void What_a_person_has_to_mend_is_told_from_what_only_has_to_be_tried_again(int code, string message, string? reason) =>
        Assert.That(RefusalPolicy.ReasonOf(new((HttpStatusCode)code, new() { Message = message }, "POST pods")), Is.EqualTo(reason));

    [Test]
    public void It_is_asked_less_and_less_often_but_at_least_every_half_minute()
    {
        var refusal = RefusalPolicy.Next(Reasons.QuotaExceeded, "m", 1, "uid", null, Given.Options.FirstBackoff, Given.Now);
        Assert.That((refusal.InRow, refusal.RetryAt - Given.Now < TimeSpan.FromSeconds(1.3)), Is.EqualTo((1, true)));

        for (var i = 0; i < 20; i++) refusal = RefusalPolicy.Next(Reasons.QuotaExceeded, "m", 1, "uid", refusal, Given.Options.FirstBackoff, Given.Now);
        Assert.That((refusal.RetryAt - Given.Now).TotalSeconds, Is.InRange(24, 36));
    }

    [Test]
    public void An_edited_job_is_asked_for_anew()
    {
        var before = RefusalPolicy.Next(Reasons.QuotaExceeded, "m", 1, "uid", null, Given.Options.FirstBackoff, Given.Now);

        Assert.That(RefusalPolicy.Next(Reasons.QuotaExceeded, "m", 2, "uid", before, Given.Options.FirstBackoff, Given.Now).InRow, Is.EqualTo(1));
    }
}
