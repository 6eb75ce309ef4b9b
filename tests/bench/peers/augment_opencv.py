"""OpenCV's functions on H W C uint8, put together as its documentation does."""

import math

import cv2
import numpy as np

import augment_cases as cases

cv2.setNumThreads(1)
VERSIONS = {"opencv": cv2.__version__, "numpy": np.__version__}
SIZE = (cases.WIDTH, cases.HEIGHT)
INVERSE = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
LEVELS = np.arange(256)


def warp(matrix, flags=INVERSE):
    return lambda image, _: cv2.warpAffine(image, matrix, SIZE, flags=flags)


def perspective(image, corners):
    matrix = cv2.getPerspectiveTransform((cases.outline() - 0.5).astype(np.float32),
                                         (corners - 0.5).astype(np.float32))
    return cv2.warpPerspective(image, matrix, SIZE, flags=cv2.INTER_LINEAR)


def lens(image, _):
    radius = math.hypot(*SIZE) / 2
    camera = np.array([[radius, 0, (SIZE[0] - 1) / 2], [0, radius, (SIZE[1] - 1) / 2], [0, 0, 1]])
    return cv2.undistort(image, camera, np.array([*cases.LENS, 0, 0]))


def moved(base):
    field = np.empty(base.shape, np.float32)
    cv2.randu(field, -1, 1)
    cv2.GaussianBlur(field, (0, 0), cases.ELASTIC["sigma"], dst=field)
    return cv2.scaleAdd(field, cases.ELASTIC["alpha"], base)


COLUMNS, ROWS = (a.astype(np.float32) for a in np.meshgrid(np.arange(SIZE[0]), np.arange(SIZE[1])))


def elastic(image, _):
    return cv2.remap(image, moved(COLUMNS), moved(ROWS), cv2.INTER_LINEAR)


def contrast(image, factor):
    mean = cv2.mean(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))[0]
    # convertScaleAbs would turn what falls below 0 into its opposite.
    return cv2.addWeighted(image, factor, image, 0, (1 - factor) * mean)


def grey(image):
    return cv2.cvtColor(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), cv2.COLOR_GRAY2RGB)


def saturation(image, factor):
    return cv2.addWeighted(image, factor, grey(image), 1 - factor, 0)


def hue(image, turns):
    h, s, v = cv2.split(cv2.cvtColor(image, cv2.COLOR_RGB2HSV_FULL))
    h = cv2.LUT(h, ((LEVELS + round(turns * 256)) % 256).astype(np.uint8))
    return cv2.cvtColor(cv2.merge((h, s, v)), cv2.COLOR_HSV2RGB_FULL)


ADJUST = {"brightness": lambda image, factor: cv2.convertScaleAbs(image, alpha=factor), "contrast": contrast,
          "saturation": saturation, "hue": hue}


def jitter(image, steps):
    for step, amount in steps:
        image = ADJUST[step](image, amount)
    return image


def gamma(image, _):
    return cv2.LUT(image, np.rint(255 * (LEVELS / 255) ** cases.GAMMA).astype(np.uint8))


def noise(image, _):
    added = np.empty(image.shape, np.int16)
    cv2.randn(added, (0,) * 3, (cases.NOISE,) * 3)
    return cv2.add(image, added, dtype=cv2.CV_8U)


def jpeg(image, _):
    bgr = cv2.cvtColor(image, cv2.COLOR_RGB2BGR)
    _, data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, cases.QUALITY])
    return cv2.imdecode(data, cv2.IMREAD_COLOR_RGB)


def erase(image, box):
    x, y, width, height = box
    image = image.copy()
    image[y:y + height, x:x + width] = 0
    return image


def solarize(image, _):
    return cv2.LUT(image, np.where(LEVELS < cases.THRESHOLD, LEVELS, 255 - LEVELS).astype(np.uint8))


def equalize(image, _):
    return cv2.merge([cv2.equalizeHist(channel) for channel in cv2.split(image)])


def autocontrast(image, _):
    channels = [cv2.normalize(channel, None, 0, 255, cv2.NORM_MINMAX) for channel in cv2.split(image)]
    return cv2.merge(channels)


SOFT = np.array([[1, 1, 1], [1, 5, 1], [1, 1, 1]], np.float32) / 13


def sharpness(image, _):
    return cv2.addWeighted(image, cases.FACTOR, cv2.filter2D(image, -1, SOFT), 1 - cases.FACTOR, 0)


def normalise(image, _):
    values = cv2.subtract(image, (*cases.MEAN, 0), dtype=cv2.CV_32F)
    return cv2.multiply(values, (1 / cases.DIVISOR,) * 4, dst=values)


def standardise(image, _):
    mean, deviation = cv2.meanStdDev(image.reshape(-1))
    return cv2.divide(cv2.subtract(image, (mean[0, 0],) * 4, dtype=cv2.CV_32F), (deviation[0, 0],) * 4)


def resized_crop(image, box):
    x, y, width, height = box
    return cv2.resize(image[y:y + height, x:x + width], cases.RESIZED, interpolation=cv2.INTER_LINEAR)


def crop(image, _):
    return image[cases.CROP_Y:cases.CROP_Y + cases.CROP, cases.CROP_X:cases.CROP_X + cases.CROP].copy()


FUNCTIONS = {
    "rescale bilinear": lambda i, _: cv2.resize(i, cases.SHORTER, interpolation=cv2.INTER_LINEAR),
    "rescale area": lambda i, _: cv2.resize(i, cases.SHORTER, interpolation=cv2.INTER_AREA),
    "resize bilinear": lambda i, _: cv2.resize(i, cases.RESIZED, interpolation=cv2.INTER_LINEAR),
    "random-resized-crop bilinear": resized_crop,
    "centre-crop": crop,
    "pad": lambda i, _: cv2.copyMakeBorder(i, *[cases.PAD] * 4, cv2.BORDER_CONSTANT, value=(0, 0, 0)),
    "flip": lambda i, _: cv2.flip(i, 1),
    "rotate": warp(cases.affine_matrix(cases.DEGREES)),
    "shear": warp(cases.affine_matrix(shear=cases.SHEAR)),
    "affine": warp(cases.affine_matrix(cases.DEGREES, cases.MOVE, 0.9)),
    "translate": warp(cases.affine_matrix(move=cases.MOVE), cv2.INTER_NEAREST | cv2.WARP_INVERSE_MAP),
    "stretch": warp(cases.about_centre(np.diag([1 / 1.2, 1 / 0.85]))),
    "perspective": perspective,
    "lens": lens,
    "elastic": elastic,
    "brightness": lambda i, _: ADJUST["brightness"](i, cases.FACTOR),
    "contrast": lambda i, _: contrast(i, cases.FACTOR),
    "saturation": lambda i, _: saturation(i, cases.FACTOR),
    "hue": lambda i, _: hue(i, cases.TURNS),
    "grey": lambda i, _: grey(i),
    "colour-jitter": jitter,
    "gamma": gamma,
    "blur": lambda i, _: cv2.GaussianBlur(i, (cases.BLUR_SIDE,) * 2, cases.SIGMA),
    "noise": noise,
    "jpeg": jpeg,
    "erase": erase,
    "posterize": lambda i, _: cv2.bitwise_and(i, (0xFF << 8 - cases.BITS & 0xFF,) * 4),
    "solarize": solarize,
    "equalize": equalize,
    "autocontrast": autocontrast,
    "sharpness": sharpness,
    "invert": lambda i, _: cv2.bitwise_not(i),
    "mean and scale": normalise,
    "standardise": standardise,
}


def inputs(_, images):
    return images


def give(image):
    return image
