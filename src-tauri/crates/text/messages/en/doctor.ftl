### The endpoint doctor.

## The addresses of a profile

address_own = its only address
address_public = public
address_internal = internal
address_accelerate = transfer acceleration
address_custom_domain = custom domain

## The steps to each

step_proxy = Proxy
step_dns = Name (DNS)
step_connect = Connection
step_tls = Encryption (TLS)
step_clock = Clock
step_signature = Signature and region
step_write = 1 MB written and deleted

## What was found

doctor_no_proxy = No proxy on the way.
# $proxy (String)
doctor_through_proxy = Through the proxy { $proxy }.
# $host (String)
# $count (Number)
# $ms (Number)
doctor_resolved =
    { $count ->
        [one] “{ $host }” has { $count } address, found in { $ms } ms.
       *[other] “{ $host }” has { $count } addresses, found in { $ms } ms.
    }
# $place (String)
# $ms (Number)
doctor_connected = { $place } took the connection in { $ms } ms.
# $ms (Number)
doctor_encrypted = The certificate is trusted; the first answer came after { $ms } ms.
doctor_plain_http = Plain http: nothing is encrypted on the way.
doctor_no_time = The answer tells no time.
# $seconds (Number)
doctor_clock = This computer's clock and the store's differ by { $seconds } s.
doctor_signed = The store takes the signature.
# $region (String)
doctor_signed_in_region = The store takes the signature; the bucket is in { $region }.
# $speed (String)
doctor_written = Written at { $speed }, and deleted again.
# $key (String)
doctor_left_behind = Written, but it could not be deleted again: “{ $key }” is still there.
doctor_not_tried = Not tried.

## What to do

doctor_keep = Recommendation: keep this endpoint, uploads to it work.
# $step (String)
doctor_mend = Recommendation: see to “{ $step }” first.
# $kind (String)
# $endpoint (String)
doctor_use_instead = Recommendation: use { $endpoint } ({ $kind }): it works, and the present endpoint does not.
# $endpoint (String)
doctor_use_internal = Recommendation: use { $endpoint } (internal): it works from here, and traffic inside the provider's network costs nothing.
# $kind (String)
# $endpoint (String)
# $speed (String)
# $present (String)
doctor_use_faster = Recommendation: use { $endpoint } ({ $kind }): it took { $speed }, the present endpoint { $present }.
# $endpoint (String)
# $speed (String)
# $present (String)
doctor_use_accelerate = Recommendation: use { $endpoint } (transfer acceleration, charged extra): it took { $speed }, the present endpoint { $present }.
